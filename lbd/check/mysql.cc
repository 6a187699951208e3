// option mysql-check: MySQL or MariaDB greets, and with a user lets it in. The user has no password: the answer to the
// login may be that one is wanted in another way, which shows as well that the server is alive; only an error packet is
// a failure. The login and the farewell are sent at once, so that the server counts no aborted client.
// Manual: 4.2 option mysql-check; packets: MySQL's client/server protocol.
#include <fmt/format.h>

#include "lbd/check/scripts.h"

namespace lbd::check {
namespace {

constexpr size_t kHeader = 4;  // three bytes of length, a sequence number

uint8_t byte_at(std::string_view bytes, size_t at) {
  return at < bytes.size() ? static_cast<uint8_t>(bytes[at]) : 0;
}

// Takes one packet off `bytes`; nothing when it is not there yet.
std::optional<std::string_view> take_packet(std::string_view& bytes) {
  if (bytes.size() < kHeader) return std::nullopt;
  const size_t length = byte_at(bytes, 0) | size_t{byte_at(bytes, 1)} << 8 | size_t{byte_at(bytes, 2)} << 16;
  if (bytes.size() - kHeader < length) return std::nullopt;
  const std::string_view payload = bytes.substr(kHeader, length);
  bytes.remove_prefix(kHeader + length);
  return payload;
}

// `count` packets, none of them an error.
std::optional<CheckReport> judge_packets(std::string_view bytes, int count) {
  for (; count > 0; --count) {
    const auto payload = take_packet(bytes);
    if (!payload) return std::nullopt;
    if (byte_at(*payload, 0) != 0xff) continue;
    const int code = byte_at(*payload, 1) | byte_at(*payload, 2) << 8;
    return report(CheckStatus::l7_status, payload->size() > 3 ? first_line(payload->substr(3)) : "", code);
  }
  return report(CheckStatus::l7_ok, {}, 0);
}

std::string packet(char sequence, std::string_view payload) {
  std::string made;
  for (int shift : {0, 8, 16}) made += static_cast<char>(payload.size() >> shift & 0xff);
  return made.append(1, sequence).append(payload);
}

std::string login(const std::string& user, bool old) {
  std::string payload;
  if (old) {
    payload.append(
        "\x00\x80"       // LONG_PASSWORD and the like: none; transactions
        "\x00\x00\x01",  // the longest packet that we take
        5);
    payload += user;
    payload.append(2, '\0');  // the end of the name, and a password of no length
  } else {
    payload.append(
        "\x00\x82\x00\x00"  // PROTOCOL_41 and transactions
        "\x00\x80\x00\x01"  // the longest packet that we take
        "\x21",             // utf8
        9);
    payload.append(23, '\0').append(user).append(2, '\0');
  }
  return packet(1, payload) + packet(0, "\x01");
}

std::unique_ptr<Plan> compile(const config::CheckSpec& spec, expr::CompileContext& context) {
  auto words = option_words(spec, 3, context.diagnostics);
  if (!words) return nullptr;
  const auto& arguments = spec.arguments;
  std::string wrong;
  size_t at = 0;
  if (!words->empty() && words->front() != "user")
    wrong = fmt::format("'option mysql-check' only supports optional values: 'user' (got '{}')", words->front());
  else if (words->size() == 1)
    wrong = "'option mysql-check user' expects <username> as argument";
  else if (words->size() == 3 && words->back() != "pre-41" && words->back() != "post-41")
    at = 2, wrong = fmt::format("keyword 'user' only supports 'post-41' and 'pre-41' (got '{}')", words->back());
  if (wrong.empty()) return std::make_unique<TurnsPlan<scripts::mysql>>(std::move(*words));
  context.error(arguments[at].loc, wrong);
  return nullptr;
}

constexpr CheckRow kRows[] = {
    {.name = "mysql-check", .doc = "MySQL greets, and lets a user in", .compile = compile},
};
const base::Registered<CheckRow> kEnrol(kRows);

}  // namespace

Script scripts::mysql(const std::vector<std::string>& words) {
  if (words.empty())
    return {.turns = {{.judge = [](std::string_view answer, bool) { return judge_packets(answer, 1); }}},
            .gentle = true};
  return {.turns = {{.question = login(words[1], words.size() > 2 && words[2] == "pre-41"),
                     .judge = [](std::string_view answer, bool) { return judge_packets(answer, 2); },
                     .step = 3}},
          .gentle = true};
}

}  // namespace lbd::check
