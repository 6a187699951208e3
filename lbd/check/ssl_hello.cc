// option ssl-hello-chk: a hello of SSL 3.0 is answered in the same protocol, be it by an alert. Nothing is encrypted,
// so it needs no TLS library; servers of today refuse the version, which counts. Manual: 4.2 option ssl-hello-chk; RFC
// 6101.
#include "base/time.h"
#include "lbd/check/scripts.h"

namespace lbd::check {
namespace {

constexpr size_t kLeast = 5;  // a record's header

std::optional<CheckReport> judge(std::string_view answer, bool closed) {
  if (answer.size() < kLeast && !closed) return std::nullopt;
  const bool handshake_or_alert = answer[0] == 0x16 || answer[0] == 0x15;
  return report(handshake_or_alert ? CheckStatus::l6_ok : CheckStatus::l6_invalid);
}

// A client hello with every cipher suite of its time.
std::string hello(uint32_t seconds) {
  std::string suites;
  const auto add = [&](int from, int to) {
    for (int suite = from; suite <= to; ++suite) suites.append(1, '\0').append(1, static_cast<char>(suite));
  };
  add(0x01, 0x1b);
  add(0x2f, 0x3a);
  std::string body("\x03\x00", 2);  // SSL 3.0
  for (int shift : {24, 16, 8, 0}) body += static_cast<char>(seconds >> shift & 0xff);
  body += "HAPROXYSSLCHK\nHAPROXYSSLCHK\n";  // what should be random
  body += '\0';                              // no session
  body.append(1, '\0').append(1, static_cast<char>(suites.size())).append(suites);
  body.append("\x01\x00", 2);  // without compression
  std::string handshake("\x01\x00\x00", 3);
  handshake.append(1, static_cast<char>(body.size())).append(body);
  std::string record("\x16\x03\x00\x00", 4);
  return record.append(1, static_cast<char>(handshake.size())).append(handshake);
}

constexpr CheckRow kRows[] = {
    {.name = "ssl-hello-chk", .doc = "a hello of SSL 3.0 is answered", .compile = compile_turns<scripts::ssl_hello>},
};
const base::Registered<CheckRow> kEnrol(kRows);

}  // namespace

Script scripts::ssl_hello(const std::vector<std::string>&) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(base::wall_now().time_since_epoch()).count();
  return {.turns = {{.question = hello(static_cast<uint32_t>(seconds)),
                     .judge = judge,
                     .if_silent = CheckStatus::l6_invalid}},
          .on_timeout = CheckStatus::l6_timeout};
}

}  // namespace lbd::check
