// ReceivedMessage: a syslog message that came from elsewhere, taken apart, and the header that it gets on its way on.
//
// It is of RFC 5424, or of RFC 3164, or has a priority alone, or nothing: what does not fit into a form is text of a
// poorer one, never an error. Pure; views point into the received bytes. Thread: any. Manual: 3.10.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/log.h"

namespace lbd::relay {

struct ReceivedMessage {
  enum class Form : uint8_t { raw, priority, rfc3164, rfc5424 } form = Form::raw;
  uint32_t priority = 0;                                // facility * 8 + level; not in raw
  std::string_view date;                                // as it stands there; "": none
  std::string_view host, tag, process, id, structured;  // "": not given
  std::string_view text;

  base::Level level() const;
};

ReceivedMessage parse_received(std::string_view bytes);

// As a target with these options wants it; what the message lacks is the facility of the target, the time now, and
// nothing. LogFormat::unset: in the form in which it came.
void append_header(std::string& to, const ReceivedMessage& message, const base::SyslogOptions& options,
                   base::WallTime now);

}  // namespace lbd::relay
