// Statistics: the statistics of the running process in one place: sources, history, facts of the process, and the
// tick that keeps them. It also makes the statistics page for workers.
//
// Life: made at start after the objects; start() once the control loop exists, which must outlive it; outlives the
// workers. Thread: the
// control thread, but for request_page() (any) and facts() (filled before workers start).
#pragma once

#include <functional>
#include <optional>

#include "base/ev.h"
#include "base/mailbox.h"
#include "lbd/stats/others.h"
#include "lbd/stats/page.h"
#include "lbd/stats/process.h"

namespace lbd::stats {

class Statistics {
 public:
  Statistics(const config::Config& config, const server::Objects& objects, size_t workers);

  ProcessFacts& facts() { return facts_; }
  CounterBlocks& blocks() { return blocks_; }  // each worker writes its own array
  const Source& source() const { return source_; }
  // What other nodes count.
  Others& others() { return others_; }
  ProcessView view() const { return {facts_, source_, idle_, pair_, base::mono_now(), admin_}; }
  // What is known of the pair; written by lbd/link.
  Pair& pair() { return pair_; }
  // Before start().
  void set_admin(ServerAdmin* admin) { admin_ = admin; }

  // What is kept here and in the objects begins anew: the maxima, with `all` also the averages. The workers clear their
  // counters themselves.
  void clear(bool all);
  // Of an object: goes on from where the process before us was.
  void inherit(size_t slot, const History::Rates& rates, const History::Times& times) {
    history_.inherit(slot, rates, times);
  }
  // A server comes at run time: its slot begins anew.
  void open(size_t slot) {
    blocks_.open(slot);
    history_.open(slot);
  }
  // Begins to tick in the control loop.
  void start(base::Loop& control);
  // From a worker: makes the page in the control thread and hands it to `done` in the thread of `reply_to`, which must
  // live until then. After start().
  using Make = Page (*)(const PageRequest& request, const ProcessView& process);
  void request_page(PageRequest request, Make make, base::Mailbox& reply_to, std::function<void(Page)> done);

 private:
  void on_tick();

  CounterBlocks blocks_;
  History history_;
  ProcessFacts facts_;
  Others others_;
  Source source_;
  IdleMeter idle_;
  Pair pair_;
  ServerAdmin* admin_ = nullptr;
  std::optional<base::Timer> timer_;
  std::optional<base::Mailbox> mailbox_;
};

}  // namespace lbd::stats
