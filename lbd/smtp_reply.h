// take_smtp_reply(): the next reply of a mail server. Replies of several lines ("250-…") end with the one whose code a
// blank follows. Pure; any thread. Errors: a line without a code is a reply of code 0. RFC 5321, 4.2.
#pragma once

#include <optional>
#include <string>

namespace lbd {

struct SmtpReply {
  int code = 0;
  std::string line;  // the last one, without its end
};

// Takes what it has read out of `bytes`; nothing while the reply is not all there.
std::optional<SmtpReply> take_smtp_reply(std::string& bytes);

}  // namespace lbd
