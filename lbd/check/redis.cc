// option redis-check: a PING is answered by a PONG. Manual: 4.2 option redis-check.
#include "lbd/check/scripts.h"

namespace lbd::check {
namespace {

// A server that asks for a password says so instead, and keeps the connection: the check waits as HAProxy's does.
std::optional<CheckReport> judge(std::string_view answer, bool closed) {
  if (answer.find("+PONG\r\n") != std::string_view::npos) return report(CheckStatus::l7_ok, "Redis server is ok");
  if (!closed) return std::nullopt;
  return report(CheckStatus::l7_status, first_line(answer));
}

constexpr CheckRow kRows[] = {
    {.name = "redis-check", .doc = "Redis answers a PING", .compile = compile_turns<scripts::redis>},
};
const base::Registered<CheckRow> kEnrol(kRows);

}  // namespace

Script scripts::redis(const std::vector<std::string>&) {
  return {.turns = {{.question = "*1\r\n$4\r\nPING\r\n", .judge = judge, .if_silent = CheckStatus::l7_status}}};
}

}  // namespace lbd::check
