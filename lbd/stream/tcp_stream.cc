#include "lbd/stream/tcp_stream.h"

#include "lbd/stream/client_connection.h"
#include "lbd/stream/server_connection.h"
#include "lbd/stream/worker.h"

namespace lbd::stream {

void TcpStream::start() {
  txn_.at.request_wall = txn_.session.accepted;
  txn_.at.request_done = txn_.now;
  ++txn_.session.requests;
  site_.log->begin(txn_);
  if (site_.rules->inspect_delay && !site_.rules->tcp_content.empty())
    client_.set_deadline(txn_.now + *site_.rules->inspect_delay);
  else
    client_.set_timeout(site_.timeouts.client);
  run_rules();
}

bool TcpStream::evaluate(const Site& site) {
  txn_.payload = client_.peek();
  rules::Outcome outcome;
  switch (rules::evaluate(site.rules->tcp_content, txn_, outcome, rule_at_)) {
    case rules::Verdict::next:
    case rules::Verdict::accept:
      rule_at_ = 0;
      txn_.payload = {};
      return true;
    case rules::Verdict::wait:
      return false;
    case rules::Verdict::silent_drop:
      client_.vanish(true);
      break;
    case rules::Verdict::answer:
    case rules::Verdict::tarpit:
    case rules::Verdict::service:
    case rules::Verdict::close:
      break;
  }
  worker_.counters((in_backend_rules_ ? back_site_->backend->slot() : site_.frontend->slot())).denied_requests.add();
  finish(Reason::denied, false, false);
  return false;
}

void TcpStream::run_rules() {
  if (!in_backend_rules_) {
    if (!evaluate(site_)) return;
    rules::ProxyRules::Target target = site_.rules->choose_backend(txn_);
    if (!target.proxy) return fail(Reason::no_server);
    enter_backend(worker_.engine().site(target.index));
    in_backend_rules_ = true;
  }
  if (back_site_ != &site_ && !evaluate(*back_site_)) return;
  client_.set_timeout(site_.timeouts.client);
  attached_ = true;
  attach();
}

void TcpStream::on_attached() {
  phase_ = Phase::data;
  back_->start_tunnel();
  back_->set_timeout(server_timeout());
  txn_.at.response_head = txn_.now;
  if (site_.proxy->has(config::Option::logasap)) log_now();
  pump(client_, *back_, request_);
  client_.resume_reading();
  progress();
}

void TcpStream::fail(Reason reason) {
  finish(reason, false, false);
}

void TcpStream::on_timeout(Endpoint& from) {
  txn_.now = worker_.loop.now();
  if (!attached_) {  // inspect-delay is over: rules see that no more will come
    txn_.payload_final = true;
    client_.set_timeout(site_.timeouts.client);
    return run_rules();
  }
  if (&from == static_cast<Endpoint*>(&client_)) return fail(Reason::client_timeout);
  if (phase_ == Phase::connect) return connect_failed(Reason::server_timeout);
  fail(Reason::server_timeout);
}

void TcpStream::on_output(Endpoint& from) {
  txn_.now = worker_.loop.now();
  if (&from == static_cast<Endpoint*>(&client_)) {
    if (back_ && phase_ == Phase::data) pump(*back_, client_, response_);
  } else if (phase_ == Phase::connect) {
    return on_connecting(from);
  } else {
    pump(client_, *back_, request_);
  }
  progress();
}

void TcpStream::on_input(Endpoint& from) {
  txn_.now = worker_.loop.now();
  if (&from != static_cast<Endpoint*>(&client_)) {
    pump(from, client_, response_);
    return progress();
  }
  if (phase_ == Phase::data) {
    pump(from, *back_, request_);
    return progress();
  }
  if (!attached_) {
    if (client_.wire_input() != net::Connection::Wire::open) txn_.payload_final = true;
    if (client_.wire_input() == net::Connection::Wire::failed) return fail(Reason::client_abort);
    return run_rules();
  }
  if (aborted_while_waiting()) return fail(Reason::client_abort);
  client_.want_input(client_.unread() < worker_.chunks.chunk_size());
}

void TcpStream::progress() {
  if (finished_) return;
  if (client_.output() == Endpoint::Output::failed || client_.input() == Endpoint::Input::failed)
    return finish(Reason::client_abort, false, false);
  if (!back_) return;
  if (back_->output() == Endpoint::Output::failed || back_->input() == Endpoint::Input::failed)
    return finish(Reason::server_abort, false, false);
  if (request_.finished && response_.finished && client_.output() == Endpoint::Output::drained &&
      back_->output() == Endpoint::Output::drained) {
    phase_ = Phase::done;
    return finish(Reason::normal, false, false);
  }
  update_timeouts();
}

}  // namespace lbd::stream
