// EmailAlert: what the `email-alert` lines of a proxy say, together with the `mailers` section that they name.
//
// Names of mailers are looked up by the system when this is read. Pure but for that. Thread: one load, then any.
// Errors: at the word. Manual: 3.6, 4.2 email-alert.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "cfg/diag.h"
#include "lbd/config/config.h"

namespace lbd::config {

struct Mailer {
  std::string section, name;
  base::SockAddr address;
  base::Nanos timeout;
};

struct EmailAlert {
  std::string from, to;
  std::string host;  // "": that of the system
  base::Level level = base::Level::alert;
  std::vector<Mailer> mailers;
};

// The mailers of one section.
std::vector<Mailer> read_mailers(const Config::OtherSection& section, const Config& config,
                                 cfg::Diagnostics& diagnostics);

// Nothing: no mail is to be sent.
std::optional<EmailAlert> read_email_alert(const Proxy& proxy, const Config& config, cfg::Diagnostics& diagnostics);

}  // namespace lbd::config
