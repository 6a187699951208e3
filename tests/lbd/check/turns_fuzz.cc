// Whatever a server answers to the checks that know a protocol, at once or in two pieces: there is one result at the
// latest when the connection ends, its text is short, and nothing follows a result.
// fuzz-sources: lbd/check/redis.cc lbd/check/mysql.cc lbd/check/pgsql.cc lbd/check/smtp.cc lbd/check/ldap.cc
// fuzz-sources: lbd/check/ssl_hello.cc lbd/check/spop.cc
#include "base/result.h"
#include "lbd/check/scripts.h"

// Nothing is connected here: the transports stay out.
std::unique_ptr<lbd::check::Run> lbd::check::DialoguePlan::run(base::Loop&, server::Server&, Deadlines, const Setting&,
                                                               RunClient&) const {
  return nullptr;
}

namespace {

using lbd::check::Progress;
using lbd::check::Script;
namespace scripts = lbd::check::scripts;

Script script(uint8_t kind) {
  switch (kind % 9) {
    case 0:
      return scripts::redis({});
    case 1:
      return scripts::mysql({});
    case 2:
      return scripts::mysql({"user", "a"});
    case 3:
      return scripts::pgsql({"user", "a"});
    case 4:
      return scripts::smtp({});
    case 5:
      return scripts::ldap({});
    case 6:
      return scripts::ssl_hello({});
    case 8:
      return scripts::spop({});
    default:
      return scripts::mysql({"user", "a", "pre-41"});
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 2), size - 2);
  lbd::check::Turns turns(script(data[0]));
  std::string out;
  Progress progress = turns.connected(out);
  CHECK(progress.kind == Progress::Kind::more);
  progress = turns.received(bytes.substr(0, bytes.empty() ? 0 : data[1] % bytes.size()), false, out);
  if (progress.kind == Progress::Kind::more) progress = turns.received(bytes, true, out);
  CHECK(progress.kind == Progress::Kind::done);
  CHECK(progress.report.detail.size() <= 127);
  CHECK(progress.report.detail.find('\n') == std::string::npos);
  CHECK(out.size() < 256);
  return 0;
}
