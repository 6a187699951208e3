#include "lbd/stats/statistics.h"

namespace lbd::stats {

Statistics::Statistics(const config::Config& config, const server::Objects& objects, size_t workers)
    : blocks_(workers, objects.slots(), objects.most_slots()),
      history_(blocks_),
      source_(config, objects, blocks_, history_, base::mono_now()) {
  facts_.started = source_.started();
  facts_.started_wall = base::wall_now();
  facts_.threads = static_cast<uint32_t>(workers);
}

void Statistics::clear(bool all) {
  history_.clear(all);
  const server::Objects& objects = source_.objects();
  for (const auto& frontend : objects.frontends()) {
    frontend->connections_peak = frontend->connections.load();
    for (const auto& listener : frontend->listeners()) listener->connections_peak = listener->connections.load();
  }
  for (const auto& backend : objects.backends()) {
    backend->streams_peak = backend->streams.load();
    backend->queue().reset_max();
    for (const auto& server : backend->servers()) {
      server->reset_peak();
      server->queue().reset_max();
    }
  }
}

void Statistics::start(base::Loop& control) {
  mailbox_.emplace(control);
  timer_.emplace(control);
  timer_->bind<&Statistics::on_tick>(this);
  on_tick();
}

void Statistics::on_tick() {
  base::MonoTime now = base::mono_now();
  history_.tick(now);
  idle_.tick(now, facts_.threads);
  // Aligned to the second of the clock, so that each tick closes exactly one second of the rates.
  auto into = now.time_since_epoch() % base::Seconds(1);
  timer_->start_after(base::Seconds(1) - into + base::Millis(5));
}

void Statistics::request_page(PageRequest request, Make make, base::Mailbox& reply_to, std::function<void(Page)> done) {
  mailbox_->post([this, request = std::move(request), make, &reply_to, done = std::move(done)]() mutable {
    Page page = make(request, view());
    reply_to.post([page = std::move(page), done = std::move(done)]() mutable { done(std::move(page)); });
  });
}

}  // namespace lbd::stats
