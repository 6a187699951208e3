// HttpStream: one HTTP exchange. Adds to Stream what heads need: rules, switching, the statistics page and other
// answers of our own, header edits on the way, what keep-alive allows.
//
//   begin() ─▶ steps (rules of the frontend, switching, rules of the backend, body wait) ─▶ attach() ─▶ request sent
//     │ refuse()        └─ reply(): answered here                                                          │
//     ▼                                                                                                    ▼
//   error page, end                     on_head(): response rules, head to the client ─▶ body ─▶ finish()
//
// Owner, thread, life: see Stream. RFC 9110, 9112; HAProxy manual 4.2 for the order of things.
#pragma once

#include <array>

#include "base/pooled.h"
#include "lbd/http/head.h"
#include "lbd/http/reply.h"
#include "lbd/rules/ruleset.h"
#include "lbd/rules/services.h"
#include "lbd/stats/statistics.h"
#include "lbd/stream/stream.h"

namespace lbd::stream {

class HttpStream final : public Stream, public base::Pooled<HttpStream> {
 public:
  HttpStream(Worker& worker, FrontEndpoint& client, Site& site);
  ~HttpStream() override;

  // The request is parsed into this before begin().
  http::Head& request() { return request_head_; }
  // A whole head has come; the stream owns the chunk that it views, if it does not lie in arena().
  void begin(base::Chunk* chunk);
  base::Arena& arena() { return arena_; }
  // No request that could be served: bad bytes, a client that left or fell silent. 0: the status of the reason.
  void refuse(Reason reason, int status = 0);
  ServerConnection* movable() override { return tunnel_ ? wire_of_tunnel() : nullptr; }

 private:
  enum class Step : uint8_t {
    monitor,
    frontend_body,
    frontend_content,
    frontend_rules,
    frontend_statistics,
    switching,
    backend_content,
    backend_rules,
    backend_statistics,
    backend_body,
    attach,
    running
  };
  void on_head(Endpoint& from, http::Head& head) override;
  void on_input(Endpoint& from) override;
  void on_output(Endpoint& from) override;
  void on_timeout(Endpoint& from) override;
  void on_attached() override;
  void fail(Reason reason) override;
  bool tunnelling() const override { return tunnel_; }
  void count_bytes() override {
    txn_.bytes_in = request_head_bytes_ + request_.bytes;
    txn_.bytes_out = response_head_bytes_ + response_.bytes;  // as the server sent it [HAProxy]
  }
  void on_tarpit_over() override;
  bool replayable() const override;
  bool websocket() const override;
  bool redirected_by(const server::Server& server) override;
  server::Server* server_of_cookie(bool unused, bool even_if_down) override;
  bool names_permitted(const config::Proxy& proxy);
  std::string_view lower(std::string_view name);
  void on_rules_due() override;
  void on_errand_done() override;
  bool waiting_for_body() const {
    return step_ == Step::frontend_body || step_ == Step::backend_body || page_wants_body_;
  }

  // --- http_request.cc
  void run();
  void show_body();
  bool run_rules(const rules::RuleSet& rules);  // true: go on
  void wait_for_rules();
  void say_continue();
  void send_hints(const http::Headers& hints);
  bool step();
  void count_request();
  void answer_from_cache();
  bool answered_by_page(const Site& site);
  bool gather_body();
  void answer_by_service(const rules::ServiceRow& service);
  void ask_for_page(stats::PageRequest request, stats::Statistics::Make make);
  void page_made(const stats::Page& page);
  bool wait_for_body(const Site& site);
  void keep_h2c_out();
  void send_request();

  // --- http_compression.cc
  bool offers_compression() const {
    return site_.proxy->compression.compresses_answers() ||
           (back_site_ && back_site_->proxy->compression.compresses_answers());
  }
  void choose_coding();
  void begin_request_compression();
  bool will_compress(const http::Head& head);
  void begin_compression(http::Head& head, http::BodyKind& body);

  // --- retry.cc
  void begin_replay();
  void put_replay();
  // True: the request goes out again.
  bool retry(config::RetryCause cause);

  // --- http_response.cc
  void forward_informational(http::Head& head);
  void open_tunnel();
  void reply(http::Reply& answer, Reason reason);
  void send_error(int status, Reason reason);
  void send_bare_error(int status, Reason reason);
  std::string_view number_text(size_t number);
  void write_response_head(http::Head& head, http::BodyKind& body);
  bool client_may_keep() const;
  // Whose response rules apply, in their order: the backend's, then the frontend's; a listen section's once.
  std::array<const Site*, 2> response_sites() const { return {back_site_, back_site_ == &site_ ? nullptr : &site_}; }
  enum class ResponseStep : uint8_t { backend_content, backend_rules, frontend_rules, done };
  void go_on_with_response();
  void show_response_body();
  void keep_response_head();
  void count_dropped_response();
  void send_response_head();
  bool run_response_rules();  // false: it waits, or the answer is another
  bool run_response_set(const rules::RuleSet& rules);
  bool cookie_is_safe();  // false: the answer is another
  void run_after_response_rules();
  bool still_uploading() const;
  void capture_bad_response();
  void progress();

  http::Head request_head_, response_head_;
  balance::CookieVisit cookie_;
  std::optional<compression::Algorithm> coding_;  // that answers to this request may have
  bool coding_chosen_ = false, request_coding_chosen_ = false;
  base::Chunk* head_chunk_ = nullptr;
  base::Buffer body_;           // what was waited for before a server was chosen
  base::Buffer response_body_;  // what was waited for before the head went to the client
  Step step_ = Step::monitor;
  size_t rule_at_ = 0;
  bool keep_client_ = false, server_close_ = false;
  bool log_due_ = false;                                     // option logasap
  size_t request_head_bytes_ = 0, response_head_bytes_ = 0;  // as the log counts them
  bool head_sent_ = false;                                   // of the final response
  ResponseStep response_step_ = ResponseStep::backend_content;
  bool from_proxy_ = false;  // the answer is ours
  bool page_wants_body_ = false;
  bool tunnel_ = false;
  http::Reply* tarpit_reply_ = nullptr;
  Reason reply_reason_ = Reason::normal;
  std::shared_ptr<HttpStream*> alive_;  // while the control thread makes a page for us
};

}  // namespace lbd::stream
