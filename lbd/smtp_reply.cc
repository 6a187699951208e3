#include "lbd/smtp_reply.h"

#include "base/strings.h"

namespace lbd {

std::optional<SmtpReply> take_smtp_reply(std::string& bytes) {
  for (size_t end; (end = bytes.find('\n')) != std::string::npos;) {
    std::string line = bytes.substr(0, end);
    bytes.erase(0, end + 1);
    if (line.ends_with('\r')) line.pop_back();
    // More lines of the same reply follow.
    if (line.size() > 3 && line[3] == '-') continue;
    const int code = base::parse_int<int>(std::string_view(line).substr(0, 3)).value_or(0);
    return SmtpReply{code, std::move(line)};
  }
  return std::nullopt;
}

}  // namespace lbd
