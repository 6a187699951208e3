// option pgsql-check: PostgreSQL asks a user who logs in to authenticate, in whichever way, or lets him in.
// Manual: 4.2 option pgsql-check; messages: PostgreSQL's documentation, chapter "Frontend/Backend Protocol".
#include <fmt/format.h>

#include "lbd/check/scripts.h"

namespace lbd::check {
namespace {

constexpr size_t kErrorHead = 6;            // kind, length, kind of the first field
constexpr size_t kLeast = 5, kRequest = 9;  // kind and length; kind, length and kind of authentication

// Authentication requests that a server may begin with: AuthenticationOk … SSPI, SASL.
bool is_way_in(std::string_view answer) {
  if (!answer.starts_with(std::string_view("R\0\0\0", 4)) || answer.substr(5, 3) != std::string_view("\0\0\0", 3))
    return false;
  const char kind = answer[8];
  return kind == 0 || (kind >= 2 && kind <= 7) || kind == 9 || kind == 10;
}

std::optional<CheckReport> judge(std::string_view answer, bool closed) {
  if (answer.size() < kLeast && !closed) return std::nullopt;
  if (answer[0] == 'E')
    return report(CheckStatus::l7_invalid, answer.size() > kErrorHead ? first_line(answer.substr(kErrorHead)) : "");
  if (answer.size() < kRequest && !closed) return std::nullopt;
  if (answer.size() >= kRequest && is_way_in(answer)) return report(CheckStatus::l7_ok, "PostgreSQL server is ok");
  return report(CheckStatus::l7_status, "PostgreSQL unknown error");
}

std::unique_ptr<Plan> compile(const config::CheckSpec& spec, expr::CompileContext& context) {
  auto words = option_words(spec, 2, context.diagnostics);
  if (!words) return nullptr;
  if (words->size() == 2 && words->front() == "user")
    return std::make_unique<TurnsPlan<scripts::pgsql>>(std::move(*words));
  context.error(spec.location, "'option pgsql-check' expects 'user <username>' as argument");
  return nullptr;
}

constexpr CheckRow kRows[] = {
    {.name = "pgsql-check", .doc = "PostgreSQL asks a user to authenticate", .compile = compile},
};
const base::Registered<CheckRow> kEnrol(kRows);

}  // namespace

Script scripts::pgsql(const std::vector<std::string>& words) {
  std::string message("\0\3\0\0user\0", 9);  // version 3.0
  message.append(words[1]).append(2, '\0');
  const size_t length = message.size() + 4;
  for (int shift : {0, 8, 16, 24}) message.insert(message.begin(), static_cast<char>(length >> shift & 0xff));
  return {.turns = {{.question = std::move(message), .judge = judge, .step = 3}}, .gentle = true};
}

}  // namespace lbd::check
