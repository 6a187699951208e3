#include "lbd/cli/worker_walk.h"

#include "lbd/stream/worker.h"

namespace lbd::cli {

WorkerWalk::~WorkerWalk() {
  // At the very end of the process the workers go first.
  if (!walk_ || worker_ >= engine_.workers.size()) return;
  stream::Worker& worker = *engine_.workers[worker_];
  worker.post([&worker, walk = *walk_] { worker.walks().end(walk); });
}

More WorkerWalk::more(std::string& answer) {
  answer += text_;
  text_.clear();
  if (asked_) return More::waits;
  while (worker_ < engine_.workers.size() && engine_.workers[worker_]->left()) ++worker_;
  if (worker_ >= engine_.workers.size()) return More::done;
  ask();
  return More::waits;
}

void WorkerWalk::ask() {
  asked_ = true;
  stream::Worker& worker = *engine_.workers[worker_];
  worker.post([self = shared_from_this(), &worker, walk = walk_]() mutable {
    const uint64_t number = walk ? *walk : worker.walks().begin();
    std::string text;
    stream::Stream* found = nullptr;
    bool rest = worker.walks().go_on(number, [&](stream::Stream& stream) {
      if (!found && self->show_(stream, text)) found = &stream;
    });
    if (found && rest) {
      worker.walks().end(number);
      rest = false;
    }
    if (found && self->ends_) found->kill(*self->ends_);
    base::Mailbox& home = self->home_;
    home.post([self = std::move(self), text = std::move(text), number, rest, found = found != nullptr]() mutable {
      self->answered(std::move(text), rest ? std::optional(number) : std::nullopt, found);
    });
  });
}

void WorkerWalk::answered(std::string text, std::optional<uint64_t> rest, bool found) {
  asked_ = false;
  text_ = std::move(text);
  walk_ = rest;
  found_ = found;
  if (found)
    worker_ = engine_.workers.size();
  else if (!rest)
    ++worker_;
  wake_();
}

}  // namespace lbd::cli
