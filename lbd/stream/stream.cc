#include "lbd/stream/stream.h"

#include "lbd/stream/server_connection.h"
#include "lbd/stream/worker.h"

namespace lbd::stream {

Stream::Stream(Worker& worker, FrontEndpoint& client, Site& site)
    : Waiter(worker.mailbox()),
      worker_(worker),
      client_(client),
      site_(site),
      back_site_(nullptr),
      arena_(worker.blocks),
      txn_(client.session(), arena_),
      log_trace_(*site.log, txn_),
      timer_(worker.loop) {
  timer_.bind<&Stream::on_timer>(this);
  txn_.frontend = site.frontend;
  txn_.process = &worker.engine().facts;
  txn_.home = &worker.mailbox();
  txn_.waits = this;
  txn_.now = worker.loop.now();
  txn_.id = worker.engine().next_id.fetch_add(1, std::memory_order_relaxed);
  txn_.at.request_start = txn_.now;
  txn_.log_trace = &log_trace_;
  txn_.first_request = client.session().requests == 0;
}

Stream::~Stream() = default;

Stream::Turn::Turn(Stream& stream) : stream_(stream.in_turn_ ? nullptr : &stream) {
  if (!stream_) return;
  stream.in_turn_ = true;
  ++stream.txn_.turns;
  if (!stream.worker_.engine().config().global.profile_tasks) [[likely]]
    return;
  begun_ = base::mono_now();
  stream.txn_.waited += begun_ - stream.worker_.loop.now();
}

Stream::Turn::~Turn() {
  if (!stream_) return;
  stream_->in_turn_ = false;
  if (begun_ != base::kNever) stream_->txn_.spent += base::mono_now() - begun_;
}

void Stream::enter_backend(Site& site) {
  back_site_ = &site;
  txn_.backend = site.backend;
  if (txn_.trace) trace_backend();
  uint32_t now = site.backend->streams.fetch_add(1, std::memory_order_relaxed) + 1;
  server::raise_peak(site.backend->streams_peak, now);
  server::Counters& counters = worker_.counters(site.backend->slot());
  counters.sessions.add();
  counters.session_rate.add(worker_.second());
}

bool Stream::aborted_while_waiting() const {
  return client_.hung_up() && back_site_ && back_site_->proxy->has(config::Option::abortonclose);
}

// Who may use the server connection beside this exchange and after it.
BackEndpoint::Claim Stream::claim() const {
  using Of = BackEndpoint::Claim::Of;
  using Shown = config::Source::Shown;
  const config::Proxy& proxy = *back_site_->proxy;
  const config::Source* source = ServerConnection::source_of(*txn_.server, proxy);
  const Shown shown = source ? source->shown : Shown::own;
  // A transparent connection goes where this client wants to go.
  const bool transparent = txn_.server == back_site_->backend->direct() && proxy.has(config::Option::transparent);
  // Marked packets are of this exchange only.
  const Of of = shown == Shown::header || txn_.server_mark || txn_.server_tos ? Of::exchange
                : transparent || txn_.server->config().send_proxy != 0        ? Of::client
                : bound_ || proxy.http_reuse == config::HttpReuse::never      ? Of::client
                : shown > Shown::address                                      ? Of::client
                : proxy.http_reuse == config::HttpReuse::safe                 ? Of::client_for_now
                                                                              : Of::anyone;
  return {of, client_.client_id()};
}

// In whose queue it stands; null: in that of the backend, or in none. HAProxy's log names that server.
server::Server* Stream::queue_owner() const {
  if (!queued_in() || queued_in() == &back_site_->backend->queue()) return nullptr;
  for (const auto& server : back_site_->backend->servers())
    if (queued_in() == &server->queue()) return server.get();
  return nullptr;
}

// Before the end: what is logged then must not look at a connection that is gone.
void Stream::release_back(bool keep) {
  txn_.server_tls = nullptr;
  BackEndpoint::release(std::move(back_), keep, nullptr);
}

void Stream::kill(Reason reason) {
  if (!finished_) fail(reason);
}

void Stream::finish(Reason reason, bool keep_client, bool keep_server) {
  if (finished_) return;
  finished_ = true;
  txn_.errand.reset();
  timer_.clear();
  allowance_timer_.reset();
  txn_.now = txn_.at.end = worker_.loop.now();
  note_termination(reason);
  count_bytes();
  note_load();
  // Those that end here are not counted any more.
  if (txn_.backend_now) --txn_.backend_now;
  if (slot_of_ && txn_.server_now) --txn_.server_now;
  count_end(reason);
  server::Server* waited_for = txn_.server ? nullptr : queue_owner();
  // Leaving fails when a slot is on its way to us: granted() gives it back, so the stream must live until then.
  if (queued_in() && !queued_in()->leave(*this)) slot_coming_ = true;
  note_place();
  if (back_) {
    const bool shared = !txn_.server || claim().of <= BackEndpoint::Claim::Of::client_for_now;
    BackEndpoint::release(std::move(back_), keep_server && (shared || keep_client),
                          shared ? nullptr : &client_.kept_servers());
  }
  release_slot();
  if (back_site_) back_site_->backend->streams.fetch_sub(1, std::memory_order_relaxed);
  if (waited_for) txn_.server = waited_for;
  if (!logged_) site_.log->emit(txn_);
  if (txn_.trace) trace_end(reason);
  txn_.tracks.end(txn_.now);
  client_.exchange_over(keep_client);
}

// The first reason stays: an answer of our own may still be on its way out when the client leaves.
void Stream::note_termination(Reason reason) {
  if (txn_.termination.cause != '-' || reason == Reason::normal) return;
  if (queued_in() && txn_.at.queued_until == base::kNever) txn_.at.queued_until = txn_.now;
  txn_.termination.cause = row_of(reason).cause;
  txn_.termination.phase = reason == Reason::no_server ? letter_of(Phase::connect) : letter_of(phase_);
}

// The numbers of connections that the log line shows.
void Stream::note_load() {
  txn_.connections_now = worker_.engine().connections.load(std::memory_order_relaxed);
  txn_.frontend_now = site_.frontend->connections.load(std::memory_order_relaxed);
  txn_.backend_now = back_site_ ? back_site_->backend->streams.load(std::memory_order_relaxed) : 0;
  txn_.server_now = txn_.server ? txn_.server->served() : 0;
}

void Stream::log_now() {
  logged_ = true;
  txn_.at.end = txn_.now;
  note_load();
  site_.log->emit(txn_);
}

Stream::Counted Stream::counted() {
  return {&worker_.counters(site_.frontend->slot()),
          back_site_ ? &worker_.counters(back_site_->backend->slot()) : nullptr,
          txn_.server ? &worker_.counters(txn_.server->slot()) : nullptr, worker_.counters(txn_.session.listener)};
}

void Stream::count_everywhere(server::Counter server::Counters::*what) {
  const Counted all = counted();
  for (server::Counters* counters : {all.frontend, all.backend, all.server, all.listener})
    if (counters) (counters->*what).add();
}

void Stream::tell_bytes() {
  const uint64_t in = txn_.bytes_in - std::exchange(told_in_, txn_.bytes_in);
  const uint64_t out = txn_.bytes_out - std::exchange(told_out_, txn_.bytes_out);
  const Counted all = counted();
  for (server::Counters* counters : {all.frontend, all.backend, all.server, all.listener}) {
    if (!counters) continue;
    counters->bytes_in.add(in);
    counters->bytes_out.add(out);
    if (counters == all.listener) continue;
    if (counters == all.frontend ? client_speaks_h2_ : server_speaks_h2_) {
      counters->h2_bytes_in.add(in);
      counters->h2_bytes_out.add(out);
    }
  }
}

void Stream::count_end(Reason reason) {
  bool client_fault = reason == Reason::client_abort || reason == Reason::client_timeout;
  bool server_fault = reason == Reason::server_abort || reason == Reason::server_timeout;
  // When it went wrong: meanwhile the client has got an answer of ours.
  const bool in_answer = txn_.termination.phase == 'H' || txn_.termination.phase == 'D';
  const Counted all = counted();
  const bool bad_request = reason == Reason::bad_request || (client_fault && phase_ == Phase::request);
  if (bad_request) all.frontend->failed_requests.add();
  if (all.listener && bad_request) all.listener->failed_requests.add();
  tell_bytes();
  for (server::Counters* counters : {all.frontend, all.backend, all.server}) {
    if (!counters) continue;
    // A server is given only the answers that it sent itself, when they come.
    if (txn_.status >= 100 && counters != all.server) counters->count_response(txn_.status);
    if (counters == all.frontend) continue;
    if (client_fault) counters->client_aborts.add();
    if (server_fault && txn_.termination.phase == 'D') counters->server_aborts.add();
    if (reason == Reason::bad_response || (server_fault && in_answer)) counters->failed_responses.add();
    count_times(*counters);
  }
  if (all.server) all.server->sessions_now.sub();
  if (compressor_ || bypasses_compression_) count_compression();
  count_for_tracks(reason);
}

void Stream::count_compression() {
  const Counted all = counted();
  for (server::Counters* counters : {all.frontend, all.backend}) {
    if (!counters) continue;
    if (!txn_.compression.empty()) counters->compressed_responses.add();
    if (bypasses_compression_) counters->compression_bypassed.add(response_.bytes);
    if (!compressor_) continue;
    counters->compression_in.add(compressor_->bytes_in());
    counters->compression_out.add(compressor_->bytes_out());
  }
}

// What stick tables count at the end: bytes, requests that were not good, answers that did not come.
void Stream::count_for_tracks(Reason reason) {
  if (txn_.tracks.empty() && txn_.session.tracks.empty()) return;
  const expr::Termination& end = txn_.termination;
  if (reason == Reason::bad_request || (end.cause == 'C' && end.phase == 'R'))
    txn_.count(config::DataEvent::error);
  else if (reason == Reason::bad_response || ((end.cause == 'S' || end.cause == 's') && end.phase == 'H'))
    txn_.count(config::DataEvent::failure);
  txn_.count(config::DataEvent::bytes_in, txn_.bytes_in);
  txn_.count(config::DataEvent::bytes_out, txn_.bytes_out);
}

void Stream::count_times(server::Counters& counters) {
  const expr::Moments& at = txn_.at;
  if (at.connected == base::kNever) return;
  auto ms = [](base::MonoTime from, base::MonoTime to) {
    return to == base::kNever || from == base::kNever ? 0 : static_cast<uint64_t>(base::to_millis(to - from));
  };
  uint64_t queue = ms(at.request_done, at.queued_until), connect = ms(at.queued_until, at.connected),
           response = ms(at.connected, at.response_head), total = ms(at.request_start, at.end);
  counters.time_samples.add();
  counters.queue_time_ms.add(queue);
  counters.queue_time_max_ms.raise_to(queue);
  counters.connect_time_ms.add(connect);
  counters.connect_time_max_ms.raise_to(connect);
  counters.response_time_ms.add(response);
  counters.response_time_max_ms.raise_to(response);
  counters.total_time_ms.add(total);
  counters.total_time_max_ms.raise_to(total);
}

void Stream::errand_done() {
  txn_.now = worker_.loop.now();
  on_errand_done();
}

void Stream::on_timer() {
  const Turn turn(*this);
  txn_.now = worker_.loop.now();
  if (rules_waiting_) return on_rules_due();
  if (phase_ == Phase::tarpit) return on_tarpit_over();
  if (waiting_retry_) {
    waiting_retry_ = false;
    return retry_now();
  }
  if (phase_ == Phase::queue) fail(Reason::server_timeout);
}

}  // namespace lbd::stream
