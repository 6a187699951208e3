#include "lbd/stream/tcp_stream.h"

#include <algorithm>
#include <cstring>

#include "lbd/balance/rdp_cookie.h"
#include "lbd/http/h1_parser.h"
#include "lbd/stream/client_connection.h"
#include "lbd/stream/server_connection.h"
#include "lbd/stream/worker.h"

namespace lbd::stream {

TcpStream::TcpStream(Worker& worker, ClientConnection& client, Site& site)
    : Stream(worker, client, site), connection_(client) {}

void TcpStream::start() {
  const Turn turn(*this);
  txn_.at.request_wall = txn_.at.accepted_wall;
  txn_.at.request_done = txn_.now;
  ++txn_.session.requests;
  site_.log->begin(txn_);
  site_.rules->open_captures(txn_);
  if (site_.rules->inspect_delay && !site_.rules->tcp_content.empty())
    client_.set_deadline(txn_.now + *site_.rules->inspect_delay);
  else
    client_.set_timeout(site_.timeouts.client);
  run_rules();
}

// Rules may ask for the parts of a request that comes in mode tcp, when it is whole. It is copied once: whoever sends
// it byte by byte would otherwise get a copy for each byte.
void TcpStream::look_for_request() {
  if (request_sought_) return;
  const std::string_view text =
      txn_.payload.substr(std::min(txn_.payload.find_first_not_of("\r\n"), txn_.payload.size()));
  if (text.find("\n\r\n") == std::string_view::npos && text.find("\n\n") == std::string_view::npos) return;
  request_sought_ = true;
  char* copy = arena_.alloc_chars(txn_.payload.size());  // the parser writes into it
  std::memcpy(copy, txn_.payload.data(), txn_.payload.size());
  auto* head = arena_.make<http::Head>(arena_);
  if (http::H1Parser().parse_request({copy, txn_.payload.size()}, *head, {}).state == http::Parsed::State::complete)
    txn_.request = head;
}

bool TcpStream::evaluate(const Site& site) {
  txn_.payload = connection_.peek();
  if (client_.unread() >= worker_.chunks.chunk_size()) txn_.payload_final = true;
  if (!site.rules->tcp_content.empty()) look_for_request();
  rules::Outcome outcome;
  switch (rules::evaluate(site.rules->tcp_content, txn_, outcome, rule_at_)) {
    case rules::Verdict::next:
    case rules::Verdict::accept:
      rule_at_ = 0;
      return true;
    case rules::Verdict::wait:
      return false;
    case rules::Verdict::switch_mode:
      become_http();
      return false;
    case rules::Verdict::silent_drop:
      client_.vanish(outcome.ttl);
      break;
    case rules::Verdict::answer:
    case rules::Verdict::tarpit:
    case rules::Verdict::service:
    case rules::Verdict::cached:
    case rules::Verdict::close:
    case rules::Verdict::close_server:
    case rules::Verdict::body_timeout:
      break;
  }
  count_everywhere(&server::Counters::denied_requests);
  finish(Reason::denied, false, false);
  return false;
}

void TcpStream::run_rules() {
  if (!in_backend_rules_) {
    if (!evaluate(site_)) return;
    // What has come is still there for use_backend and for whatever chooses a server.
    const config::Proxy* chosen = site_.rules->choose_backend(txn_);
    if (!chosen) return fail(Reason::no_server);
    if (chosen->mode == config::Mode::http) return become_http();
    enter_backend(worker_.engine().site(chosen->index));
    in_backend_rules_ = true;
  }
  if (back_site_ != &site_ && !evaluate(*back_site_)) return;
  client_.set_timeout(site_.timeouts.client);
  attached_ = true;
  attach();
  txn_.payload = {};
}

// persist rdp-cookie.
server::Server* TcpStream::server_of_cookie(bool unused, bool even_if_down) {
  if (unused || back_site_->proxy->rdp_cookie.empty()) return nullptr;
  const auto cookie = balance::rdp_cookie(txn_.payload, back_site_->proxy->rdp_cookie);
  const auto address = cookie ? balance::address_of_rdp_cookie(*cookie) : std::nullopt;
  if (!address) return nullptr;
  for (const auto& server : back_site_->backend->servers())
    if (server->address().is_ip() && server->address().ip_port() == *address)
      return server->up() || even_if_down ? server.get() : nullptr;
  return nullptr;
}

void TcpStream::on_attached() {
  phase_ = Phase::data;
  if (!back_site_->rules->stick.empty()) back_site_->rules->stick.store(txn_, *txn_.server);
  txn_.payload = {};  // it moves on
  back_->start_tunnel();
  back_->set_timeout(server_timeout());
  txn_.at.response_head = txn_.now;
  if (site_.proxy->has(config::Option::logasap)) log_now();
  const rules::ProxyRules& rules = *back_site_->rules;
  if (rules.response_inspect_delay && !rules.tcp_response_content.empty()) {
    rules_waiting_ = true;
    timer_.set_after(*rules.response_inspect_delay);
  }
  pump(client_, *back_, request_);
  connection_.resume_reading();
  progress();
}

// The connection begins anew, with requests; this stream has never been.
void TcpStream::become_http() {
  finished_ = true;
  txn_.errand.reset();
  timer_.clear();
  connection_.become_http();
}

// tcp-response content: what the server says first, before the client gets any of it.
bool TcpStream::response_admitted() {
  const rules::ProxyRules& rules = *back_site_->rules;
  if (response_seen_ || rules.tcp_response_content.empty()) return true;
  const bool ended = back_->hung_up();
  if (back_->unread() == 0 && !ended && !txn_.response_payload_final) return false;
  txn_.response_payload = back_->peek();
  txn_.response_payload_final = txn_.response_payload_final || !rules.response_inspect_delay || ended ||
                                back_->unread() >= worker_.chunks.chunk_size();
  rules::Outcome outcome;
  const rules::Verdict verdict = rules::evaluate(rules.tcp_response_content, txn_, outcome, rule_at_);
  if (verdict == rules::Verdict::wait) return false;
  timer_.clear();
  rules_waiting_ = false;
  response_seen_ = true;
  txn_.response_payload = {};
  if (verdict == rules::Verdict::next || verdict == rules::Verdict::accept) return true;
  if (verdict == rules::Verdict::close_server) {
    leave_server();
    return false;
  }
  if (verdict == rules::Verdict::silent_drop) {
    client_.vanish(outcome.ttl);
    phase_ = Phase::request;  // as HAProxy logs it
  }
  if (outcome.denied) count_everywhere(&server::Counters::denied_responses);
  finish(Reason::denied, false, false);
  return false;
}

// The server's side ends now; the client gets what has come from it.
void TcpStream::leave_server() {
  txn_.bandwidth = nullptr;  // nothing can be held back
  pump(*back_, client_, response_);
  release_back(false);
  request_.finished = response_.finished = true;
  client_.finish({});
  client_.flush();
}

void TcpStream::on_errand_done() {
  if (!attached_) run_rules();
}

// The inspect-delay of the response is over.
void TcpStream::on_rules_due() {
  txn_.response_payload_final = true;
  if (response_admitted()) pump(*back_, client_, response_);
  progress();
}

void TcpStream::fail(Reason reason) {
  finish(reason, false, false);
}

void TcpStream::on_timeout(Endpoint& from) {
  const Turn turn(*this);
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
  const Turn turn(*this);
  txn_.now = worker_.loop.now();
  if (&from == static_cast<Endpoint*>(&client_)) {
    if (back_ && phase_ == Phase::data && response_admitted()) pump(*back_, client_, response_);
  } else if (phase_ == Phase::connect) {
    return on_connecting(from);
  } else {
    pump(client_, *back_, request_);
  }
  progress();
}

void TcpStream::on_input(Endpoint& from) {
  const Turn turn(*this);
  txn_.now = worker_.loop.now();
  if (&from != static_cast<Endpoint*>(&client_)) {
    if (response_admitted()) pump(from, client_, response_);
    return progress();
  }
  if (phase_ == Phase::data) {
    if (back_) pump(from, *back_, request_);
    return progress();
  }
  if (!attached_) {
    if (connection_.wire_input() != net::Connection::Wire::open) txn_.payload_final = true;
    if (connection_.wire_input() == net::Connection::Wire::failed) return fail(Reason::client_abort);
    return run_rules();
  }
  if (aborted_while_waiting()) return fail(Reason::client_abort);
  client_.want_input(client_.unread() < worker_.chunks.chunk_size());
}

void TcpStream::progress() {
  if (finished_) return;
  if (client_.output() == Endpoint::Output::failed || client_.input() == Endpoint::Input::failed)
    return finish(Reason::client_abort, false, false);
  const bool drained = client_.output() == Endpoint::Output::drained;
  if (!back_) {
    if (response_.finished && drained) finish(Reason::normal, false, false);
    return;
  }
  if (back_->output() == Endpoint::Output::failed || back_->input() == Endpoint::Input::failed)
    return finish(Reason::server_abort, false, false);
  if (request_.finished && response_.finished && drained && back_->output() == Endpoint::Output::drained) {
    phase_ = Phase::done;
    return finish(Reason::normal, false, false);
  }
  update_timeouts();
}

}  // namespace lbd::stream
