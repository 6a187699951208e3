#include "lbd/relay/frame.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"

namespace lbd::relay {
namespace {

// Digits of a length that can still be one of ours.
constexpr size_t kMostDigits = 7;

Frame counted(std::string_view bytes, size_t most) {
  const size_t end = std::min(bytes.find_first_not_of("0123456789"), bytes.size());
  if (bytes[0] == '0' || end > kMostDigits) return {.state = Frame::State::wrong};
  if (end == bytes.size()) return {};
  const size_t length = base::parse_int<size_t>(bytes.substr(0, end)).value_or(most + 1);
  if (bytes[end] != ' ' || length > most) return {.state = Frame::State::wrong};
  if (bytes.size() - end - 1 < length) return {};
  return {Frame::State::message, bytes.substr(end + 1, length), end + 1 + length};
}

Frame line(std::string_view bytes, size_t most) {
  const size_t end = bytes.find('\n');
  if (std::min(end, bytes.size()) > most) return {.state = Frame::State::wrong};
  if (end == std::string_view::npos) return {};
  std::string_view message = bytes.substr(0, end);
  if (message.ends_with('\r')) message.remove_suffix(1);
  return {Frame::State::message, message, end + 1};
}

}  // namespace

Frame next_frame(std::string_view bytes, size_t most) {
  if (bytes.empty()) return {};
  if (bytes[0] == '<') return line(bytes, most);
  if (base::is_digit(bytes[0])) return counted(bytes, most);
  return {.state = Frame::State::wrong};
}

void append_framed(std::string& to, Framing framing, std::string_view message) {
  if (framing == Framing::octet_count) fmt::format_to(std::back_inserter(to), "{} ", message.size());
  to += message;
  if (framing == Framing::legacy) to += '\n';
}

}  // namespace lbd::relay
