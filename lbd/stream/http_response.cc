// HttpStream, the response's half: heads and bodies towards the client, answers of our own, and the ways to end.
#include <fmt/format.h>

#include <charconv>

#include "base/strings.h"
#include "lbd/http/connection.h"
#include "lbd/http/cookie.h"
#include "lbd/http/counted_size.h"
#include "lbd/http/h1_writer.h"
#include "lbd/stream/http_stream.h"
#include "lbd/stream/server_connection.h"
#include "lbd/stream/worker.h"

namespace lbd::stream {
namespace {

// Schemes that say who the client is once for a connection, not for each request (RFC 4559, 6).
bool authenticates_connection(const http::Headers& headers) {
  for (const http::Header& field : headers) {
    if (field.removed() || (field.name != "www-authenticate" && field.name != "proxy-authenticate")) continue;
    for (const std::string_view scheme : {"NTLM", "Nego"})
      if (base::iequals(field.value.substr(0, scheme.size()), scheme)) return true;
  }
  return false;
}

}  // namespace

// Whether the client's connection may carry another request after a response that is framed like this.
bool HttpStream::client_may_keep() const {
  bool wanted = request_head_.keep_alive && site_.proxy->http_mode != config::HttpMode::close &&
                (!back_site_ || back_site_->proxy->http_mode != config::HttpMode::close);
  const Engine& engine = worker_.engine();
  return wanted && !engine.stopping.load(std::memory_order_relaxed) && !engine.leaving.load(std::memory_order_relaxed);
}

void HttpStream::forward_informational(http::Head& head) {
  if (request_head_.version == http::Version::http_1_0) return;
  response_head_bytes_ += http::counted_response_size(head);
  client_.send_informational(head, {arena_, site_.client_names});
  client_.flush();
}

void HttpStream::on_head(Endpoint&, http::Head& head) {
  const Turn turn(*this);
  txn_.now = worker_.loop.now();
  if (head.status >= 400 && replay_.on() && retry(config::retry_cause_of(head.status))) return;
  server_speaks_h2_ = head.version == http::Version::http_2;
  if (txn_.server) {
    server::Counters& counters = worker_.counters(txn_.server->slot());
    counters.requests.add();
    counters.count_response(head.status);
  }
  (void)http::strip_connection(head.headers);  // rules do not see them [HAProxy]
  if (head.status < 200 && head.status != 101) return forward_informational(head);
  response_head_bytes_ += http::counted_response_size(head);
  if (txn_.server) observe(outcome_of(head.status));
  txn_.response = &head;
  txn_.status = head.status;
  txn_.at.response_head = txn_.now;
  txn_.response_payload_final = true;
  if ((head.status == 401 || head.status == 407) && txn_.server && authenticates_connection(head.headers))
    bind_connection();
  txn_.body_whole = head.body == http::BodyKind::none;
  const config::Global& global = worker_.engine().config().global;
  config::for_events_of_status(head.status, global.error_codes, global.failure_codes,
                               [this](config::DataEvent event) { txn_.count(event); });
  site_.rules->capture_response(txn_);
  if (run_response_rules()) return send_response_head();
  if (rules_waiting_) keep_response_head();
}

// The head's bytes are gone when on_head() returns, or when the payload behind them is.
void HttpStream::keep_response_head() {
  response_head_.reason = arena_.copy(response_head_.reason);
  response_head_.first_line = arena_.copy(response_head_.first_line);
  for (http::Header& field : response_head_.headers) {
    field.name = arena_.copy(field.name);
    field.value = arena_.copy(field.value);
  }
}

// What has come of an answer that the client does not get counts nevertheless [HAProxy].
void HttpStream::count_dropped_response() {
  if (response_head_bytes_ > 0) response_.bytes += back_->counted_payload();
}

// What has come of the answer's body is there for the rules.
void HttpStream::show_response_body() {
  const size_t most = worker_.chunks.chunk_size();
  if (response_body_.size() < most) response_.bytes += back_->take(response_body_, most - response_body_.size());
  txn_.response_payload = response_body_.flatten(worker_.chunks);
  txn_.body_whole = back_->input() != Endpoint::Input::open || response_body_.size() >= most;
}

// A rule has waited for more of the body, which came, or for a time, which is over.
void HttpStream::go_on_with_response() {
  show_response_body();
  if (!run_response_rules()) return;
  send_response_head();
  txn_.response_payload = {};
  charge(response_, response_body_.size());
  keep_for_cache(response_body_);
  if (compressor_) compressor_->add(response_body_, worker_.chunks, txn_.now);
  if (!response_body_.empty()) client_.put(response_body_);
  pump(*back_, client_, response_);
  progress();
}

void HttpStream::send_response_head() {
  http::Head& head = *txn_.response;
  if (txn_.server && !back_site_->rules->stick.empty()) back_site_->rules->stick.store(txn_, *txn_.server);
  http::BodyKind body = head.body;
  keep_client_ = client_may_keep();
  write_response_head(head, body);
  phase_ = Phase::data;
  head_sent_ = true;
  replay_.end();
  if (head.body == http::BodyKind::tunnel) open_tunnel();
  // A rule has made an answer without body of it: what the server sends is not wanted.
  if (body == http::BodyKind::none && head.body != body) {
    count_dropped_response();
    response_.finished = true;
    client_.finish({});
    client_.flush();
  }
  log_due_ = site_.proxy->has(config::Option::logasap);
}

bool HttpStream::run_response_rules() {
  const bool listen = back_site_ == &site_;
  while (response_step_ != ResponseStep::done) {
    const rules::ProxyRules* back = back_site_ ? back_site_->rules.get() : nullptr;  // none: a cache of the frontend
    const rules::RuleSet* rules = response_step_ == ResponseStep::frontend_rules
                                      ? (listen ? nullptr : &site_.rules->http_response)
                                  : !back                                           ? nullptr
                                  : response_step_ == ResponseStep::backend_content ? &back->tcp_response_content
                                                                                    : &back->http_response;
    if (rules && !rules->empty() && !run_response_set(*rules)) return false;
    response_step_ = static_cast<ResponseStep>(static_cast<uint8_t>(response_step_) + 1);
  }
  if (!txn_.server) return true;  // what the cache keeps is nobody's
  if (back_site_->cookie) {
    cookie_.at_home = at_home();
    back_site_->cookie->edit(txn_, *txn_.response, cookie_);
  }
  if (back_site_->proxy->has(config::Option::checkcache) && !cookie_is_safe()) return false;
  if (back_site_->cookie) back_site_->cookie->insert(txn_, request_head_.method, *txn_.response, cookie_);
  return true;
}

bool HttpStream::run_response_set(const rules::RuleSet& rules) {
  rules::Outcome outcome;
  const rules::Verdict verdict = rules::evaluate(rules, txn_, outcome, rule_at_);
  rules_waiting_ = verdict == rules::Verdict::wait;
  if (rules_waiting_) {
    timer_.set(txn_.rule_waits_until);
    return false;
  }
  timer_.clear();
  rule_at_ = 0;
  if (outcome.failed_rewrite) count_everywhere(&server::Counters::failed_rewrites);
  if (outcome.denied) count_everywhere(&server::Counters::denied_responses);
  if (outcome.internal_error) count_everywhere(&server::Counters::internal_errors);
  if (verdict == rules::Verdict::next || verdict == rules::Verdict::accept) return true;
  txn_.response = nullptr;
  txn_.at.response_head = base::kNever;
  if (verdict == rules::Verdict::silent_drop) {
    client_.vanish(outcome.ttl);
    count_dropped_response();
    phase_ = Phase::request;  // as HAProxy logs it
    finish(Reason::denied, false, false);
  } else if (verdict == rules::Verdict::body_timeout) {
    fail(Reason::server_timeout);
  } else if (outcome.reply) {
    reply(*outcome.reply, outcome.cause == 'L' ? Reason::local : Reason::denied);
  } else if (outcome.internal_error) {
    send_error(500, Reason::internal);
  } else {
    send_error(502, verdict == rules::Verdict::close_server ? Reason::server_abort : Reason::denied);
  }
  return false;
}

// option checkcache: a cookie that caches could keep, and give to others, does not leave.
bool HttpStream::cookie_is_safe() {
  http::Head& head = *txn_.response;
  if (!head.headers.find(http::Token::set_cookie) || !http::cookie_is_cacheable(request_head_.method, head))
    return true;
  back_site_->log->alert(fmt::format("Blocking cacheable cookie in response from instance {}, server {}.",
                                     back_site_->proxy->name, txn_.server->config().name),
                         txn_);
  txn_.response = nullptr;
  txn_.at.response_head = base::kNever;
  count_everywhere(&server::Counters::denied_responses);
  send_error(502, Reason::denied);
  return false;
}

// These may edit any answer, ours too, but not refuse it.
void HttpStream::run_after_response_rules() {
  for (const Site* site : response_sites()) {
    if (!site || site->rules->http_after_response.empty()) continue;
    rules::Outcome outcome;
    size_t at = 0;
    (void)rules::evaluate(site->rules->http_after_response, txn_, outcome, at);
  }
}

void HttpStream::open_tunnel() {
  tunnel_ = true;
  keep_client_ = false;
  client_.become_tunnel();
  back_->become_tunnel();
  request_.finished = response_.finished = false;
  pump(client_, *back_, request_);
}

// Edits what belongs to one connection only, and says how the body will be framed towards the client.
void HttpStream::write_response_head(http::Head& head, http::BodyKind& body) {
  http::Headers& headers = head.headers;
  bool old_client = request_head_.version == http::Version::http_1_0;
  bool tunnel = body == http::BodyKind::tunnel;
  http::Field extra[2];
  size_t count = 0;
  if (body == http::BodyKind::chunked && old_client) {
    headers.remove(http::Token::transfer_encoding);
    body = http::BodyKind::until_close;
  }
  bool old_chunks = body == http::BodyKind::chunked && head.version == http::Version::http_1_0;  // as with requests
  if (body == http::BodyKind::until_close || old_chunks) keep_client_ = false;
  const bool smaller = will_compress(head);
  if (smaller) txn_.compression = compression::name_of(*coding_);
  run_after_response_rules();
  if (http::strip_connection(headers)) keep_client_ = false;  // a rule wants it
  if (smaller) begin_compression(head, body);
  if (head.status == 204 || (head.status == 304 && body != http::BodyKind::none && !tunnel)) {
    headers.remove(http::Token::content_length);
    headers.remove(http::Token::transfer_encoding);
    body = http::BodyKind::none;
  }
  std::string_view connection = http::connection_value(keep_client_, head.version, request_head_.version);
  if (!tunnel && !connection.empty()) extra[count++] = {"connection", connection};
  // A client of HTTP/1 must be told where the body ends that HTTP/2 ends by itself.
  if (head.version == http::Version::http_2 && request_head_.version != http::Version::http_2) {
    if (body == http::BodyKind::chunked) extra[count++] = {"transfer-encoding", "chunked"};
    if (body == http::BodyKind::length && !headers.find(http::Token::content_length))
      extra[count++] = {"content-length", "0"};
  }
  client_.send_response(head, body, body == http::BodyKind::until_close || tunnel,
                        {arena_, site_.client_names, {extra, count}});
}

void HttpStream::reply(http::Reply& answer, Reason reason) {
  from_proxy_ = true;
  reply_reason_ = reason;
  note_termination(reason);
  txn_.status = answer.stands_for ? answer.stands_for : answer.status;
  txn_.answered_by_proxy = true;
  if (answer.status == 0) return finish(reason, false, false);  // an empty error file: not a word
  if (answer.close) response_head_bytes_ += std::string_view("connectionclose").size();  // HAProxy counts it
  if (back_) {
    count_dropped_response();
    release_back(false);
  }
  bool readable = request_head_.first_line.size() > 0;
  keep_client_ = readable && !answer.close && reason != Reason::bad_request && client_may_keep();
  // A body that is still on its way would have to be read to its end first; one that is here is dropped.
  base::Buffer rest;
  client_.take(rest, worker_.chunks.chunk_size());
  keep_client_ = keep_client_ && client_.input_complete();
  if (!request_.finished && client_.input_complete()) request_.bytes += http::counted_trailers_size(client_.trailers());

  http::Head head(arena_);
  head.status = answer.status;
  head.reason = answer.reason.empty() ? http::reason_of(answer.status) : answer.reason;
  bool bodyless = answer.status == 204 || answer.status == 304 || answer.status < 200;
  bool has_length = false;
  for (const http::Header& header : answer.headers)
    has_length = has_length || header.token == http::Token::content_length;
  if (!bodyless && !has_length)
    head.headers.add("content-length", number_text(answer.body.size()), http::Token::content_length);
  for (const http::Header& header : answer.headers) head.headers.add(header.name, header.value, header.token);
  http::Field extra[1];
  size_t count = 0;
  txn_.response = &head;
  run_after_response_rules();
  response_head_bytes_ += http::counted_response_size(head);
  if (http::strip_connection(head.headers)) keep_client_ = false;
  http::Version client_version = readable ? request_head_.version : http::Version::http_1_1;
  std::string_view connection = http::connection_value(keep_client_, head.version, client_version);
  if (!connection.empty()) extra[count++] = {"connection", connection};
  txn_.response = nullptr;
  client_.send_response(head, http::BodyKind::length, false, {arena_, site_.client_names, {extra, count}});
  if (!bodyless && request_head_.method != http::Method::head) {
    client_.put_text(answer.body);
    response_head_bytes_ += answer.body.size();
  }
  head_sent_ = true;
  response_.finished = true;
  client_.finish({});
  client_.flush();
  // What the frontend's rules answer without being asked to refuse.
  if (reason == Reason::local && !back_site_) worker_.counters(site_.frontend->slot()).intercepted.add();
  progress();
}

std::string_view HttpStream::number_text(size_t number) {
  char* digits = arena_.alloc_chars(20);
  return {digits, std::to_chars(digits, digits + 20, number).ptr};
}

// Before there is a request that could be answered, the client gets a bare page and the log counts no bytes.
void HttpStream::send_bare_error(int status, Reason reason) {
  const http::StoredReply* page = site_.rules->errors.find(status);
  if (page != http::default_error(status) || !page) {
    send_error(status, reason);
    response_head_bytes_ = 0;
    return;
  }
  from_proxy_ = head_sent_ = response_.finished = true;
  reply_reason_ = reason;
  note_termination(reason);
  txn_.status = static_cast<uint16_t>(status);
  client_.send_bare(*page, arena_);
  client_.finish({});
  client_.flush();
  progress();
}

void HttpStream::send_error(int status, Reason reason) {
  const rules::ErrorPages& pages = (back_site_ ? back_site_ : &site_)->rules->errors;
  http::Reply* answer = pages.make(status, txn_);
  reply(*answer, reason);
}

void HttpStream::on_tarpit_over() {
  // The wait is shown as Tw, and TR as if the request had never ended (manual 8.5, PT).
  txn_.at.request_done = base::kNever;
  txn_.at.queued_until = txn_.now;
  reply(*tarpit_reply_, Reason::denied);
}

void HttpStream::fail(Reason reason) {
  if (finished_) return;
  if (reason == Reason::client_abort && client_.output() == Endpoint::Output::failed) {
    if (phase_ == Phase::tarpit) return on_tarpit_over();  // it was caught, however it left
    if (phase_ == Phase::headers) phase_ = Phase::data;    // as HAProxy logs who does not even want an answer
  }
  if (!head_sent_ && client_.output() != Endpoint::Output::failed) {
    int status = status_of(reason, phase_);
    if (status && !txn_.request) return send_bare_error(status, reason);
    if (status) return send_error(status, reason);
  }
  // In the middle of a body: the client must see that it is cut.
  finish(reason, false, false);
}

void HttpStream::on_timeout(Endpoint& from) {
  const Turn turn(*this);
  txn_.now = worker_.loop.now();
  if (&from == static_cast<Endpoint*>(&client_)) {
    if (waiting_for_body()) {
      phase_ = Phase::request;
      txn_.at.request_done = base::kNever;
    }
    return fail(Reason::client_timeout);
  }
  if (phase_ == Phase::connect) return connect_failed(Reason::server_timeout);
  if (phase_ == Phase::headers) {
    if (retry(config::RetryCause::response_timeout)) return;
    observe(Outcome::timed_out);
  }
  fail(Reason::server_timeout);
}

void HttpStream::on_output(Endpoint& from) {
  const Turn turn(*this);
  txn_.now = worker_.loop.now();
  if (&from == static_cast<Endpoint*>(&client_)) {
    if (back_ && head_sent_) pump(*back_, client_, response_);
    return progress();
  }
  if (phase_ == Phase::connect) return on_connecting(from);
  if (phase_ >= Phase::headers) pump(client_, *back_, request_);
  progress();
}

void HttpStream::on_input(Endpoint& from) {
  const Turn turn(*this);
  txn_.now = worker_.loop.now();
  if (finished_) return;
  if (&from == static_cast<Endpoint*>(&client_)) {
    if ((waiting_for_body() || rules_waiting_) && !txn_.response) {
      if (client_.hung_up()) return fail(Reason::client_abort);
      return run();
    }
    if (phase_ < Phase::headers) {
      if (aborted_while_waiting() || client_.output() == Endpoint::Output::failed) return fail(Reason::client_abort);
      return client_.want_input(client_.unread() < worker_.chunks.chunk_size());
    }
    if (back_) pump(client_, *back_, request_);
  } else if (head_sent_) {
    pump(from, client_, response_);
  } else if (rules_waiting_) {
    return go_on_with_response();
  }
  progress();
}

// The answer is over, but the server still reads: it may have answered before the body came (RFC 9112, 9.3). A tunnel
// is over when the server says so: who ends it has nothing to read any more, and may never say that it takes no more.
bool HttpStream::still_uploading() const {
  if (request_.finished || tunnel_) return false;
  return back_ && !from_proxy_ && client_.input() == Endpoint::Input::open && back_->alive();
}

// For `show errors`; what came by HTTP/2 has no bytes that one could read.
void HttpStream::capture_bad_response() {
  const std::string_view bytes = back_->peek();
  if (bytes.empty()) return;
  const BackEndpoint::Complaint complaint = back_->complaint();
  worker_.engine().captured_errors.keep({.when = base::wall_now(),
                                         .frontend = site_.proxy,
                                         .backend = back_site_->proxy,
                                         .server = txn_.server,
                                         .source = txn_.session.src,
                                         .bytes = std::string(bytes),
                                         .position = complaint.position,
                                         .error = complaint.error});
}

// After each event: is the exchange over, well or badly?
void HttpStream::progress() {
  if (finished_) return;
  if (log_due_ && !logged_) {
    count_bytes();
    log_now();
  }
  if (client_.output() == Endpoint::Output::failed) {
    if (from_proxy_) return finish(reply_reason_, false, false);
    return fail(Reason::client_abort);
  }
  if (response_.finished && client_.output() == Endpoint::Output::drained && !still_uploading()) {
    bool request_whole = request_.finished || from_proxy_;
    bool keep_server = back_ && request_whole && !server_close_ && !tunnel_ && back_->reusable();
    phase_ = Phase::done;
    if (from_proxy_) return finish(reply_reason_, keep_client_, false);
    return finish(Reason::normal, keep_client_ && request_whole, keep_server);
  }
  if (!request_.finished && (phase_ == Phase::headers || phase_ == Phase::data)) {
    Endpoint::Input in = client_.input();
    if (in == Endpoint::Input::bad) return fail(Reason::bad_request);
    if (in == Endpoint::Input::cut || in == Endpoint::Input::failed) {
      phase_ = Phase::data;  // of the request
      return fail(Reason::client_abort);
    }
  }
  if (phase_ == Phase::headers && aborted_while_waiting()) return fail(Reason::client_abort);
  if (back_ && !response_.finished) {
    Endpoint::Input in = back_->input();
    if (in == Endpoint::Input::bad) {
      if (phase_ != Phase::headers) return fail(Reason::server_abort);
      capture_bad_response();
      if (retry(config::RetryCause::junk_response)) return;
      observe(Outcome::bad_head);
      return fail(Reason::bad_response);
    }
    if (in == Endpoint::Input::cut || in == Endpoint::Input::failed) {
      // Half a head counts as none [HAProxy; its manual calls it junk].
      if (phase_ == Phase::headers) {
        if (retry_after_race() || retry(config::RetryCause::empty_response)) return;
        observe(in == Endpoint::Input::cut ? Outcome::closed : Outcome::read_error);
      }
      return fail(Reason::server_abort);
    }
  }
  update_timeouts();
}

}  // namespace lbd::stream
