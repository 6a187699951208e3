#include "snmp/daemon_link.h"

#include "base/version.h"
#include "snmp/pair_reader.h"

namespace snmp {

DaemonLink::DaemonLink(base::Loop& loop, const std::string& path, Events events)
    : events_(std::move(events)),
      client_(loop,
              {.to = base::SockAddr::unix_path(path),
               .hello = ipc::make_hello(tandem::ROLE_SNMP, base::kVersion),
               .channel = {}},
              *this) {}

bool DaemonLink::ask() {
  if (!client_.up()) return false;
  tandem::Envelope request;
  request.mutable_stats_request();
  client_.send(request);
  return true;
}

std::string DaemonLink::on_up(ipc::Client&, const tandem::Hello& hello) {
  hello_ = hello;
  stats_.Clear();
  states_.Clear();
  events_.changed();
  return "";
}

void DaemonLink::on_envelope(ipc::Client&, const tandem::Envelope& envelope) {
  if (envelope.has_vrrp_states()) {
    for (Transition& one : transitions_between(states_, envelope.vrrp_states())) transitions_.push_back(std::move(one));
    states_ = envelope.vrrp_states();
    events_.changed();
  }
  if (envelope.has_stats_reply()) {
    stats_ = envelope.stats_reply();
    events_.answered();
  }
}

void DaemonLink::on_down(ipc::Client&, const std::string&) {
  stats_.Clear();
  states_.Clear();
  events_.changed();
}

}  // namespace snmp
