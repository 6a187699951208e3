// Explainer: what would become of a request, told in order: each rule that was looked at with its place, the sample of
// each condition, what it changed, the backend, the server and why that one, what the server would get and the client.
//
// The request goes through a worker like any other, on the same compiled programs and the same code as traffic; only
// the two ends are ours: the client is this object, and in place of a server a socket of this object answers. Nothing
// that lasts changes: the worker counts for itself, logs nothing and takes no turn in a queue; rules that would change
// something for others (Trace::dry) do not.
//
// Owner and thread: the control thread, which runs the worker's loop while it asks; explain() takes milliseconds, at
// most kPatience. Life: of a few questions; on a running lbd of one, since it counts as a reader of maps. Errors: in
// the text.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lbd/explain/question.h"
#include "lbd/expr/trace.h"
#include "lbd/stream/worker.h"

namespace lbd::explain {

class Explainer final : private stream::StandIn, private expr::Trace {
 public:
  // How long a question may wait for something; on a running lbd nothing else goes on in this thread meanwhile.
  static constexpr base::Nanos kPatience = base::Seconds(5), kLivePatience = base::Millis(100);
  explicit Explainer(stream::Engine& engine, base::Nanos patience = kPatience);
  ~Explainer();

  // Lines, the last of which begins with "=> ".
  std::string explain(const Question& question);

 private:
  class Origin;
  struct Door {
    stream::Port* port = nullptr;
    std::string why_not;
  };
  Door door_for(const Question& question);
  stream::Port& port_of(stream::Site& site, server::Listener& place);
  bool run_until(const bool& done);
  std::string receive_answer(int fd);
  void on_patience_over() { impatient_ = true; }

  base::Result<base::Fd> connect(const server::Server& server) override;
  void line(Depth depth, std::string_view text) override;
  void lines(std::string_view text);
  bool dry() const override { return true; }
  void over(const expr::Transaction& transaction) override {
    over_ = true;
    if (transaction.answered_by_proxy) server_.clear();
  }

  stream::Engine& engine_;
  std::unique_ptr<server::Counters[]> counters_;
  stream::Worker worker_;
  base::Nanos most_;
  base::Timer patience_;
  std::vector<std::unique_ptr<Origin>> origins_;
  std::string answer_, text_;
  std::string server_;  // who answered; "": the proxy
  bool over_ = false, impatient_ = false;
};

}  // namespace lbd::explain
