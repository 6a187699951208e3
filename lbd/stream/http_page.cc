// HttpStream, where a page or a service of lbd itself answers. The control thread, which owns what they show, makes the
// answer, and the stream waits for it.
#include "lbd/http/uri.h"
#include "lbd/stats/statistics.h"
#include "lbd/stream/http_stream.h"
#include "lbd/stream/worker.h"

namespace lbd::stream {
namespace {

// A browser says that it asks because a page of another site wants it to.
bool comes_from_elsewhere(const http::Headers& headers) {
  if (const http::Header* site = headers.find("sec-fetch-site"))
    return site->value == "cross-site" || site->value == "same-site";
  const http::Header* origin = headers.find("origin");
  const http::Header* host = headers.find(http::Token::host);
  if (!origin) return false;
  const size_t scheme = origin->value.find("://");
  return !host || scheme == std::string_view::npos || origin->value.substr(scheme + 3) != host->value;
}

}  // namespace

// The statistics page.
bool HttpStream::answered_by_page(const Site& site) {
  const config::StatsPage& stats = site.proxy->stats;
  // Over HTTP/2 targets have a scheme and an authority; the page is known by its path.
  const std::string_view target = request_head_.version == http::Version::http_2
                                      ? http::path_and_query_of(request_head_.target)
                                      : request_head_.target;
  if (!stats.enabled || !stats::is_for_page(stats, request_head_.method, target)) return false;
  txn_.service = "STATS";
  if (!run_rules(site.rules->stats_http_request)) return true;
  page_wants_body_ = request_head_.method == http::Method::post && !gather_body();
  if (page_wants_body_) return true;
  step_ = Step::running;
  if (txn_.trace) txn_.trace->line(expr::Trace::Depth::rule, "the statistics page answers");
  stats::PageRequest wanted;
  wanted.proxy = site.proxy;
  wanted.method = request_head_.method;
  wanted.target = target;
  wanted.body = txn_.payload;
  wanted.body_cut = wanted.method == http::Method::post && !client_.input_complete();
  wanted.admin = site.rules->admits_admin(txn_);
  wanted.foreign = comes_from_elsewhere(request_head_.headers);
  ask_for_page(std::move(wanted), stats::make_page);
  return true;
}

void HttpStream::answer_by_service(const rules::ServiceRow& service) {
  txn_.service = service.log_name;
  step_ = Step::running;
  stats::PageRequest wanted;
  wanted.proxy = site_.proxy;
  wanted.method = request_head_.method;
  wanted.target = http::path_and_query_of(request_head_.target);
  ask_for_page(std::move(wanted), service.make);
}

void HttpStream::ask_for_page(stats::PageRequest request, stats::Statistics::Make make) {
  if (expr::dry(txn_)) {
    reply(*arena_.make<http::Reply>(arena_), Reason::local);
    return;
  }
  alive_ = std::make_shared<HttpStream*>(this);
  worker_.engine().statistics->request_page(std::move(request), make, worker_.mailbox(),
                                            [alive = std::weak_ptr(alive_)](stats::Page page) {
                                              auto stream = alive.lock();
                                              if (stream && !(*stream)->finished_) (*stream)->page_made(page);
                                            });
}

void HttpStream::page_made(const stats::Page& page) {
  txn_.now = worker_.loop.now();
  http::Reply answer = page.to_reply(arena_);
  reply(answer, Reason::local);
}

}  // namespace lbd::stream
