#include "lbd/net/connection.h"
#include "lbd/stream/facts.h"
#include "lbd/stream/stream.h"

namespace lbd::stream {

StreamFacts Stream::facts() const {
  const expr::Session& session = txn_.session;
  StreamFacts facts(txn_);
  facts.client.fd = session.connection ? session.connection->fd() : -1;
  facts.client.h2 = client_speaks_h2_;
  facts.client.paused = client_.paused();
  facts.client.tls = session.tls;
  facts.client.unread = client_.unread();
  facts.client.unsent = client_.unsent();
  facts.client.deadline = client_.deadline();
  if (back_) {
    facts.server.fd = back_->socket();
    facts.server.h2 = server_speaks_h2_;
    facts.server.paused = back_->paused();
    facts.server.tls = back_->tls() != nullptr;
    facts.server.unread = back_->unread();
    facts.server.unsent = back_->unsent();
    facts.server.deadline = back_->deadline();
  }
  facts.phase = phase_;
  facts.http = site_.proxy->mode == config::Mode::http;
  facts.waits_for_rule = rules_waiting_;
  facts.request_done = request_.finished;
  facts.response_done = response_.finished;
  facts.request_bytes = request_.bytes;
  facts.response_bytes = response_.bytes;
  facts.wait_ends = timer_.deadline();
  return facts;
}

}  // namespace lbd::stream
