// Stream, as far as it tells a listener what it does: the backend, the server and why this one, the queue, the end.
#include "lbd/expr/trace.h"

#include "lbd/balance/algorithm.h"
#include "lbd/stream/server_connection.h"
#include "lbd/stream/stream.h"

namespace lbd::stream {

using expr::Trace;

void Stream::trace_backend() const {
  const config::Proxy& proxy = *back_site_->proxy;
  txn_.trace->say(Trace::Depth::section, "backend {} ({})", proxy.name, expr::shown(proxy.location));
}

void Stream::trace_server(const server::Server& server) {
  const server::Backend& backend = server.backend();
  const config::Proxy& proxy = backend.config();
  Trace& to = *txn_.trace;
  if (&server == backend.direct()) {
    to.say(Trace::Depth::rule, "the server is the address that {} names", proxy.name);
    return;
  }
  Trace* listener = std::exchange(txn_.trace, nullptr);  // of these rules it was told when they were looked at
  const config::Server* ruled = back_site_->rules->choose_server(txn_);
  txn_.trace = listener;
  std::string why = avoid_                      ? "instead of one that failed"
                    : ruled == &server.config() ? "by use-server"
                                                : "by balance " + std::string(proxy.balance.algorithm);
  to.say(Trace::Depth::rule, "server {}/{} at {} {}", proxy.name, server.config().name, server.address().to_string(),
         why);
  for (const auto& other : backend.servers()) {
    const balance::Load load = balance::load_of(*other);
    to.say(Trace::Depth::detail, "{}: {}, weight {}, {} of its streams run or wait", other->config().name,
           balance::eligible(*other) ? "in rotation"
           : other->up()             ? "up, not in rotation"
                                     : "down",
           other->user_weight(), load.streams - (other.get() == &server ? 1 : 0));
  }
}

void Stream::trace_queue() {
  txn_.trace->say(Trace::Depth::rule, "every server that may take it is full: it waits in the queue of {}",
                  queued_in() == &back_site_->backend->queue() ? "the backend" : "a server");
  // Whoever only asks does not take a place from those who wait.
  if (expr::dry(txn_)) fail(Reason::server_timeout);
}

void Stream::trace_end(Reason reason) const {
  const expr::Termination& end = txn_.termination;
  std::string_view text = row_of(reason).text;
  txn_.trace->say(Trace::Depth::section, "end: status {}, termination state {}{}{}{}{}", txn_.status, end.cause,
                  end.phase, text.empty() ? "" : " (", text, text.empty() ? "" : ")");
  txn_.trace->over(txn_);
}

}  // namespace lbd::stream
