// Mailers: mail about servers that change state (`email-alert`), sent by SMTP to every mailer of a section.
//
// One mail is under way to each mailer at a time, on a connection of its own; others wait, and of too many the newest
// are dropped. Nothing ever waits for a mailer. Owner: the Runtime. Thread: the control thread. Errors: a mail that
// could not be delivered within `timeout mail` is dropped, which the log of the process tells. Manual: 3.6; RFC 5321.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/ev.h"
#include "lbd/config/email_alert.h"

namespace lbd {

class Mailers {
 public:
  // The configuration was checked.
  Mailers(base::Loop& loop, const config::Config& config, std::string host);
  ~Mailers();

  // To those whom the proxy tells of what is as grave as `level`.
  void alert(const config::Proxy& proxy, base::Level level, const std::string& text);

 private:
  class Channel;
  struct Alert {
    config::EmailAlert words;
    std::vector<Channel*> channels;
  };
  std::unordered_map<const config::Proxy*, Alert> alerts_;
  std::vector<std::unique_ptr<Channel>> channels_;
};

}  // namespace lbd
