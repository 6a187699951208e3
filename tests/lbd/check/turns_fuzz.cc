// Whatever a server answers to the checks that know a protocol, at once or in two pieces: there is one result at the
// latest when the connection ends, its text is short, and nothing follows a result.
// fuzz-sources: lbd/check/redis.cc lbd/check/mysql.cc lbd/check/pgsql.cc lbd/check/smtp.cc lbd/check/ldap.cc
// fuzz-sources: lbd/check/ssl_hello.cc
#include "base/result.h"
#include "lbd/check/turns.h"
#include "lbd/server/server.h"

namespace {

using lbd::check::Progress;

struct Kind {
  const char* type;
  std::vector<std::string> words;
};
const Kind kKinds[] = {
    {"redis-check", {}}, {"mysql-check", {}}, {"mysql-check", {"user", "a"}}, {"pgsql-check", {"user", "a"}},
    {"smtpchk", {}},     {"ldap-check", {}},  {"ssl-hello-chk", {}}};

lbd::config::Proxy proxy_of(const Kind& kind) {
  lbd::config::Proxy proxy;
  proxy.name = "b";
  proxy.check.type = kind.type;
  for (const std::string& word : kind.words) proxy.check.arguments.push_back({word, {}});
  return proxy;
}

void play(const Kind& kind, std::string_view bytes, size_t first) {
  static const lbd::config::Proxy backend_line = proxy_of(kKinds[0]);
  static lbd::server::Backend backend(backend_line, 0);
  static const lbd::config::Server line;
  static const lbd::server::Server& server = backend.add_server(line, 0);
  const lbd::config::Proxy proxy = proxy_of(kind);
  cfg::Diagnostics diagnostics;
  const auto plan = lbd::check::compile(proxy, diagnostics);
  CHECK(plan);
  const auto dialogue = dynamic_cast<const lbd::check::DialoguePlan&>(*plan).begin(server, {});
  std::string out;
  Progress progress = dialogue->connected(out);
  CHECK(progress.kind == Progress::Kind::more);
  progress = dialogue->received(bytes.substr(0, first), false, out);
  if (progress.kind == Progress::Kind::more) progress = dialogue->received(bytes, true, out);
  CHECK(progress.kind == Progress::Kind::done);
  CHECK(progress.report.detail.size() <= 127);
  CHECK(progress.report.detail.find('\n') == std::string::npos);
  CHECK(out.size() < 256);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const Kind& kind = kKinds[data[0] % std::size(kKinds)];
  const std::string_view bytes(reinterpret_cast<const char*>(data + 2), size - 2);
  play(kind, bytes, bytes.empty() ? 0 : data[1] % bytes.size());
  return 0;
}
