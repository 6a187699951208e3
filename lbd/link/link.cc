#include "lbd/link/link.h"

#include <unistd.h>

#include <algorithm>

#include "base/log.h"
#include "base/version.h"

namespace lbd::link {

std::optional<ipc::BoundUnix> open_socket(const config::Global& global, const std::vector<pid_t>& predecessors) {
  const std::string& path = global.link_socket;
  pid_t other = ipc::serving_pid(path);
  if (other && other != getpid() && std::find(predecessors.begin(), predecessors.end(), other) == predecessors.end()) {
    base::log(base::Level::notice, "no link for vrrpd: process {} serves {}", other, path);
    return std::nullopt;
  }
  auto bound = ipc::bind_unix(path);
  if (bound) return std::move(*bound);
  // An ordinary user, who may not write to /run, runs no pair: he need not hear of it.
  int why = bound.error().sys;
  bool usual = (why == EACCES || why == ENOENT) && path == config::Global().link_socket;
  base::log(usual ? base::Level::debug : base::Level::notice, "no link for vrrpd: {}", bound.error().text);
  return std::nullopt;
}

Link::Link(base::Loop& control, const config::Global& global, const server::Objects& objects,
           server::Operator& the_operator, const std::vector<base::Mailbox*>& workers)
    : loop_(control),
      global_(global),
      vrrpd_(control, objects, workers, ipc::make_hello(tandem::ROLE_LBD, base::kVersion, global.node)),
      syncd_(control, objects, the_operator, ipc::make_hello(tandem::ROLE_LBD, base::kVersion, global.node),
             global.syncd_socket),
      patience_(control) {
  patience_.bind<&Link::on_patience>(this);
}

bool Link::learn(base::Nanos most) {
  syncd_.start();
  patient_ = true;
  patience_.start_after(most);
  while (patient_ && !syncd_.complete() && !syncd_.absent()) loop_.run_once();
  patience_.stop();
  return syncd_.complete();
}

void Link::start(std::optional<ipc::BoundUnix> socket) {
  syncd_.start();
  if (socket) vrrpd_.start(std::move(*socket));
}

void Link::stop(std::string_view reason) {
  vrrpd_.stop(reason);
  syncd_.stop(reason);
}

}  // namespace lbd::link
