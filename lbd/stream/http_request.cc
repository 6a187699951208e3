// HttpStream, the request's half: from a parsed head to a request sent to a server, or an answer of our own.
#include <algorithm>

#include "base/strings.h"
#include "lbd/http/connection.h"
#include "lbd/http/counted_size.h"
#include "lbd/http/h1_writer.h"
#include "lbd/http/uri.h"
#include "lbd/http/value_list.h"
#include "lbd/stats/statistics.h"
#include "lbd/stream/cached_answer.h"
#include "lbd/stream/http_stream.h"
#include "lbd/stream/server_connection.h"
#include "lbd/stream/worker.h"
#include "lbd/tls/transport.h"

namespace lbd::stream {

HttpStream::HttpStream(Worker& worker, FrontEndpoint& client, Site& site)
    : Stream(worker, client, site), request_head_(arena_), response_head_(arena_) {}

HttpStream::~HttpStream() {
  if (head_chunk_) base::ChunkPool::put(head_chunk_);
}

void HttpStream::count_request() {
  server::Counters& counters = worker_.counters(site_.frontend->slot());
  counters.requests.add();
  counters.request_rate.add(worker_.second());
  txn_.count(config::DataEvent::request);
}

void HttpStream::refuse(Reason reason, int status) {
  txn_.now = worker_.loop.now();
  txn_.request_line = expr::kBadRequest;
  expr::Moments& at = txn_.at;
  if (txn_.session.requests == 0) at.request_start = at.accepted + at.handshakes;
  at.request_wall = at.accepted_wall + std::chrono::duration_cast<base::Micros>(at.request_start - at.accepted);
  count_request();
  if (status) return send_bare_error(status, reason);
  fail(reason);
}

void HttpStream::begin(base::Chunk* chunk) {
  const Turn turn(*this);
  head_chunk_ = chunk;
  txn_.now = txn_.at.request_done = worker_.loop.now();
  txn_.at.request_wall = base::wall_now() - std::chrono::duration_cast<base::Micros>(txn_.now - txn_.at.request_start);
  txn_.request = &request_head_;
  client_speaks_h2_ = request_head_.version == http::Version::http_2;
  txn_.payload_final = true;
  (void)http::strip_connection(request_head_.headers);  // rules do not see them [HAProxy]
  request_head_bytes_ = http::counted_request_size(request_head_);
  size_t most = worker_.engine().config().global.tune.http_logurilen;
  txn_.request_line = request_head_.first_line.substr(0, most);
  // Framing that is wrong from the start is refused before anybody else is bothered.
  if (request_head_.body == http::BodyKind::chunked) {
    request_.bytes += client_.take(body_, worker_.chunks.chunk_size());
    if (client_.input() == Endpoint::Input::bad) {
      txn_.request = nullptr;
      txn_.at.request_done = base::kNever;
      return refuse(Reason::bad_request);
    }
  }
  count_request();
  site_.log->begin(txn_);
  if (!site_.rules->unique_id_format.empty()) {
    txn_.unique_id = site_.rules->unique_id_format.print(txn_);
    if (!site_.proxy->unique_id_header.empty())
      request_head_.headers.add(arena_.copy(base::lower(site_.proxy->unique_id_header)), txn_.unique_id);
  }
  site_.rules->open_captures(txn_);
  client_.set_timeout(site_.timeouts.client);
  // Come and gone in one piece, as streams of HTTP/2 may: it costs nobody anything.
  if (client_.output() == Endpoint::Output::failed) return fail(Reason::client_abort);
  run();
}

void HttpStream::run() {
  while (!finished_ && step_ != Step::running)
    if (!step()) return;
}

// What has come of the body is there for the rules; they do not wait for more.
void HttpStream::show_body() {
  size_t most = worker_.chunks.chunk_size();
  if (body_.size() < most) request_.bytes += client_.take(body_, most - body_.size());
  txn_.payload = body_.flatten(worker_.chunks);
  txn_.body_whole = client_.input_complete() || body_.size() >= most;
}

// A rule wants more of the body, or time, or what its errand brings.
void HttpStream::wait_for_rules() {
  rules_waiting_ = true;
  timer_.set(txn_.rule_waits_until);
  if (request_head_.expect_continue && !txn_.body_whole && !txn_.errand.get()) say_continue();
}

void HttpStream::say_continue() {
  request_head_.headers.remove(http::Token::expect);
  request_head_.expect_continue = false;
  http::Head head(arena_);
  head.status = 100;
  head.reason = http::reason_of(100);
  client_.send_informational(head, {arena_});
  client_.flush();
}

void HttpStream::on_errand_done() {
  if (rules_waiting_) on_rules_due();
}

void HttpStream::on_rules_due() {
  txn_.response ? go_on_with_response() : run();
}

// 103: what the client may fetch while it waits for the answer (RFC 8297).
void HttpStream::send_hints(const http::Headers& hints) {
  http::Head head(arena_);
  head.status = 103;
  head.reason = "Early Hints";
  for (const http::Header& field : hints) head.headers.add(field.name, field.value, field.token);
  forward_informational(head);
}

// False: it waits for something, or the exchange has taken another way.
bool HttpStream::run_rules(const rules::RuleSet& rules) {
  if (rules.empty()) return true;
  rules::Outcome outcome;
  txn_.body_whole = true;
  if (request_head_.body != http::BodyKind::none) show_body();
  rules::Verdict verdict = rules::evaluate(rules, txn_, outcome, rule_at_);
  if (outcome.hints) send_hints(*outcome.hints);
  if (verdict == rules::Verdict::wait) {
    wait_for_rules();
    return false;
  }
  if (std::exchange(rules_waiting_, false)) timer_.clear();
  rule_at_ = 0;
  if (outcome.denied) count_everywhere(&server::Counters::denied_requests);
  // The log tells where what is refused would have belonged.
  if (outcome.denied && back_site_) (void)server_of_cookie(false, false);
  if (outcome.denied || (verdict == rules::Verdict::answer && outcome.cause == 'P' && !outcome.internal_error))
    txn_.count(config::DataEvent::error);
  if (outcome.failed_rewrite) count_everywhere(&server::Counters::failed_rewrites);
  if (outcome.internal_error) count_everywhere(&server::Counters::internal_errors);
  if (outcome.cache_lookup)
    worker_.counters(back_site_ ? back_site_->backend->slot() : site_.frontend->slot()).cache_lookups.add();
  switch (verdict) {
    case rules::Verdict::next:
    case rules::Verdict::accept:
      return true;
    case rules::Verdict::wait:
      return false;
    case rules::Verdict::answer:
      if (!outcome.reply) {
        send_error(500, Reason::internal);
        return false;
      }
      reply(*outcome.reply, outcome.internal_error ? Reason::internal
                            : outcome.cause == 'L' ? Reason::local
                                                   : Reason::denied);
      return false;
    case rules::Verdict::tarpit:
      phase_ = Phase::tarpit;
      tarpit_reply_ = outcome.reply;
      // Who only asks gets the answer at once.
      client_.clear_timeout();
      timer_.set_after(expr::dry(txn_) ? base::Nanos(1) : (back_site_ ? back_site_ : &site_)->timeouts.tarpit);
      return false;
    case rules::Verdict::switch_mode:
      return true;
    case rules::Verdict::body_timeout:
      phase_ = Phase::request;
      txn_.at.request_done = base::kNever;  // HAProxy logs no time for what it refuses without an answer
      fail(Reason::client_timeout);
      return false;
    case rules::Verdict::close:
    case rules::Verdict::close_server:
      txn_.at.request_done = base::kNever;
      finish(Reason::denied, false, false);
      return false;
    case rules::Verdict::silent_drop:
      client_.vanish(outcome.ttl);
      txn_.at.request_done = base::kNever;
      finish(Reason::denied, false, false);
      return false;
    case rules::Verdict::service:
      answer_by_service(*outcome.service);
      return false;
    case rules::Verdict::cached:
      worker_.counters(back_site_ ? back_site_->backend->slot() : site_.frontend->slot()).cache_hits.add();
      answer_from_cache();
      return false;
  }
  return false;
}

bool HttpStream::step() {
  Step next = static_cast<Step>(static_cast<uint8_t>(step_) + 1);
  switch (step_) {
    case Step::monitor:
      if (!site_.proxy->monitor_uri.empty() &&
          http::path_and_query_of(request_head_.target) == site_.proxy->monitor_uri) {
        logged_ = true;  // monitors are not logged
        bool failing = site_.rules->monitor_fails(txn_);
        txn_.service = {};
        send_error(failing ? 503 : 200, Reason::local);
        return false;
      }
      site_.rules->capture_request(txn_);
      break;
    case Step::frontend_body:
      if (!wait_for_body(site_)) return false;
      break;
    case Step::frontend_content:
      if (!run_rules(site_.rules->tcp_content)) return false;
      break;
    case Step::frontend_rules:
      if (!run_rules(site_.rules->http_request) || !names_permitted(*site_.proxy)) return false;
      break;
    case Step::switching: {
      const config::Proxy* chosen = site_.rules->choose_backend(txn_);
      if (!chosen) {
        txn_.at.request_done = base::kNever;  // HAProxy logs no time for it
        fail(Reason::no_server);
        return false;
      }
      if (chosen->mode != config::Mode::http) {  // of a connection that came in mode tcp
        fail(Reason::internal);
        return false;
      }
      enter_backend(worker_.engine().site(chosen->index));
      if (back_site_->cookie) back_site_->cookie->begin(txn_.termination);
      worker_.counters(back_site_->backend->slot()).requests.add();
      break;
    }
    case Step::frontend_statistics:
      if (answered_by_page(site_)) return false;
      break;
    case Step::backend_content:
      if (back_site_ != &site_ && !run_rules(back_site_->rules->tcp_content)) return false;
      break;
    case Step::backend_rules:
      if (back_site_ != &site_ && (!run_rules(back_site_->rules->http_request) || !names_permitted(*back_site_->proxy)))
        return false;
      break;
    case Step::backend_statistics:
      if (back_site_ != &site_ && answered_by_page(*back_site_)) return false;
      break;
    case Step::backend_body:
      if (back_site_ != &site_ && !wait_for_body(*back_site_)) return false;
      break;
    case Step::attach:
      step_ = next;
      attach();
      return true;
    case Step::running:
      return false;
  }
  step_ = next;
  return true;
}

// It comes as if from a server, so that rules, framing and credit are those of any answer.
void HttpStream::answer_from_cache() {
  note_termination(Reason::local);
  txn_.service = "CACHE";
  txn_.answered_by_proxy = true;
  txn_.at.queued_until = txn_.at.connected = txn_.now;
  step_ = Step::running;
  phase_ = Phase::headers;
  auto answer = std::make_unique<CachedAnswer>(txn_.cache->answer, worker_.chunks);
  answer->answer(request_head_, txn_.now, response_head_);
  back_ = std::move(answer);
  body_.clear();
  pump(client_, *back_, request_);
  on_head(*back_, response_head_);
  if (rules_waiting_) return go_on_with_response();  // all of the body is there
  if (finished_ || !back_) return;
  if (head_sent_) pump(*back_, client_, response_);
  progress();
}

// option http-buffer-request: the whole body, or as much of it as a buffer holds, before a server is bothered.
bool HttpStream::wait_for_body(const Site& site) {
  if (!site.proxy->has(config::Option::http_buffer_request) || request_head_.body == http::BodyKind::none) return true;
  return gather_body();
}

// True: the body, or as much of it as a buffer holds, is the payload of the transaction.
bool HttpStream::gather_body() {
  size_t most = worker_.chunks.chunk_size();
  if (body_.size() < most) request_.bytes += client_.take(body_, most - body_.size());
  if (client_.input_complete() || body_.size() >= most) {
    txn_.payload = body_.flatten(worker_.chunks);
    return true;
  }
  if (request_head_.expect_continue) say_continue();
  if (site_.timeouts.http_request.count() > 0)
    client_.set_deadline(txn_.at.request_start + site_.timeouts.http_request);
  return false;
}

// `redir` of a server: what could be asked for again goes there, and no connection is made.
bool HttpStream::redirected_by(const server::Server& server) {
  const std::string& prefix = server.config().redir;
  if (prefix.empty() || (request_head_.method != http::Method::get && request_head_.method != http::Method::head))
    return false;
  http::Reply* answer = arena_.make<http::Reply>(arena_);
  answer->status = 302;
  answer->close = true;
  answer->headers.add("cache-control", "no-cache");
  answer->headers.add("content-length", "0");
  answer->headers.add("location", arena_.concat(prefix, http::path_and_query_of(request_head_.target)));
  phase_ = Phase::connect;
  reply(*answer, Reason::local);
  return true;
}

server::Server* HttpStream::server_of_cookie(bool unused, bool even_if_down) {
  if (!back_site_->cookie) return nullptr;
  cookie_.ignored = unused;
  back_site_->cookie->read(txn_, request_head_, unused, even_if_down, cookie_);
  return cookie_.server;
}

bool HttpStream::websocket() const {
  if (!request_head_.upgrade) return false;
  const http::Header* upgrade = request_head_.headers.find(http::Token::upgrade);
  return upgrade && base::iequals(upgrade->value, "websocket");
}

bool HttpStream::replayable() const {
  if (!txn_.may_retry) return false;
  switch (request_head_.method) {
    case http::Method::get:
    case http::Method::head:
    case http::Method::options:
    case http::Method::trace:
    case http::Method::put:
    case http::Method::delete_:
      return request_head_.body == http::BodyKind::none;
    default:
      return false;
  }
}

std::string_view HttpStream::lower(std::string_view name) {
  char* text = arena_.alloc_chars(name.size());
  for (size_t i = 0; i < name.size(); ++i) text[i] = base::to_lower(name[i]);
  return {text, name.size()};
}

// option http-restrict-req-hdr-names: letters, digits and '-' only.
bool HttpStream::names_permitted(const config::Proxy& proxy) {
  if (!proxy.has(config::Option::http_restrict_req_hdr_names)) return true;
  for (http::Header& field : request_head_.headers) {
    if (std::all_of(field.name.begin(), field.name.end(),
                    [](char c) { return (c >= 'a' && c <= 'z') || base::is_digit(c) || c == '-'; }))
      continue;
    if (proxy.restrict_header_names == "delete") {
      field.name = {};
      continue;
    }
    count_everywhere(&server::Counters::denied_requests);
    send_error(403, Reason::denied);
    return false;
  }
  return true;
}

// A tunnel of HTTP/2 in clear to a server would pass by all rules [HAProxy lets it through].
void HttpStream::keep_h2c_out() {
  http::Headers& headers = request_head_.headers;
  const http::Header* upgrade = headers.find(http::Token::upgrade);
  if (!upgrade || !http::list_has(upgrade->value, "h2c")) return;
  for (http::Token token : {http::Token::upgrade, http::Token::http2_settings, http::Token::connection})
    headers.remove(token);
  request_head_.upgrade = request_head_.connection_upgrade = false;
}

void HttpStream::send_request() {
  const config::Proxy& front = *site_.proxy;
  const config::Proxy& back = *back_site_->proxy;
  http::Headers& headers = request_head_.headers;
  http::Field extra[8];
  size_t count = 0;

  // What HTTP/1.0 says of chunks is in doubt, so it is better not to send anything behind them (RFC 9112, 6.1).
  bool old_chunks = request_head_.version == http::Version::http_1_0 && request_head_.body == http::BodyKind::chunked;
  server_close_ =
      old_chunks || front.http_mode != config::HttpMode::keep_alive || back.http_mode != config::HttpMode::keep_alive;
  if (request_head_.upgrade) keep_h2c_out();
  if (offers_compression()) choose_coding();
  if (request_head_.body != http::BodyKind::none) begin_request_compression();
  if (http::strip_connection(headers)) server_close_ = true;  // a rule wants it

  const config::ForwardFor& forward = back.forward_for.on ? back.forward_for : front.forward_for;
  if (forward.on) {
    bool skip = (front.forward_for.on && front.forward_for.except && front.forward_for.except->contains(txn_.src.ip)) ||
                (back.forward_for.on && back.forward_for.except && back.forward_for.except->contains(txn_.src.ip));
    std::string_view name = lower(forward.header);
    skip = skip || (forward.if_none && headers.find(name));
    if (!skip && txn_.src.ip.length() > 0) {
      char* text = arena_.alloc_chars(INET6_ADDRSTRLEN);
      char* end = txn_.src.ip.print(text);
      extra[count++] = {name, {text, end}};
    }
  }
  if (back_site_->rules->forwarded)
    if (const std::string_view value = back_site_->rules->forwarded->value(txn_); !value.empty())
      extra[count++] = {"forwarded", value};
  if (const config::Proxy& wanting = back.original_to ? back : front;
      wanting.original_to && txn_.dst.ip.length() > 0 &&
      !(front.original_to_except && front.original_to_except->contains(txn_.dst.ip)) &&
      !(back.original_to_except && back.original_to_except->contains(txn_.dst.ip))) {
    char* text = arena_.alloc_chars(INET6_ADDRSTRLEN);
    extra[count++] = {lower(*wanting.original_to), {text, txn_.dst.ip.print(text)}};
  }
  if (!back.http_send_name_header.empty()) {
    std::string_view name = lower(back.http_send_name_header);
    headers.remove(name);
    extra[count++] = {name, txn_.server->config().name};
  }
  // Whether to answer now is the server's to say, with 425 (RFC 8470, 5.1).
  if (const tls::TlsTransport* tls = client_.session().tls_transport;
      tls && tls->early() && !headers.find("early-data")) [[unlikely]]
    extra[count++] = {"early-data", "1"};
  bool say_keep = !server_close_ || back.has(config::Option::http_pretend_keepalive);
  std::string_view connection = http::connection_value(say_keep, request_head_.version, http::Version::http_1_1);
  if (!connection.empty() && !request_head_.connection_upgrade) extra[count++] = {"connection", connection};
  // What ends by itself in HTTP/2 must say how it ends in HTTP/1.
  if (request_head_.version == http::Version::http_2 && request_head_.body == http::BodyKind::chunked)
    extra[count++] = {"transfer-encoding", "chunked"};
  back_->send_request(
      {request_head_, {extra, count}, back_site_->server_names, arena_, client_.session().tls, websocket()},
      response_head_);
}

void HttpStream::on_attached() {
  if (finished_) return;
  phase_ = Phase::headers;
  back_->set_timeout(server_timeout());
  send_request();
  txn_.payload = {};
  if (replay_.on()) {
    put_replay();
  } else {
    begin_replay();
    charge(request_, body_.size());
    if (request_compressor_) request_compressor_->add(body_, worker_.chunks, txn_.now);
    replay_.keep(body_);
    if (!body_.empty()) back_->put(body_);
  }
  pump(client_, *back_, request_);
  if (back_->output() == Endpoint::Output::failed && retry_after_race()) return;
  progress();
}

}  // namespace lbd::stream
