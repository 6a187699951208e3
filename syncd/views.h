// Views: what the daemons of this node and those of the others say of themselves (proto/view.proto), gathered whenever
// somebody asks: the syncd of another node, or lbctl.
//
// Nobody is waited for longer than a part of the asker's patience: the answer then says who was silent. At most kMost
// questions are open at a time, kMostOfOne of one asker, and what one node says is bounded, so that nobody who may ask
// can make this grow, or keep others from asking.
// Life: that of syncd; witnesses add and remove themselves, askers say when they go. Thread: that of the loop.
// Errors: texts in the answers.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ev.h"
#include "syncd/witness.h"

namespace syncd {

class Views {
 public:
  static constexpr size_t kMost = 32, kMostOfOne = 4;
  static constexpr size_t kLongest = 256 * 1024;     // of what a daemon or a node says, in bytes
  static constexpr size_t kLongestAll = 768 * 1024;  // of an answer
  static constexpr base::Millis kUsual{250}, kLeast{10}, kLongestPatience{10'000};
  using Answer = std::function<void(const tandem::Envelope&)>;

  // `own`: what this syncd says of itself.
  Views(base::Loop& loop, std::function<tandem::Account()> own);
  ~Views();

  // Of several lbd the one with the highest generation is asked.
  void add_daemon(Witness& daemon, tandem::Role role, uint64_t generation);
  void add_node(Witness& node, const std::string& name);
  void remove(const Witness& witness);
  // The link with it has ended; it may be asked later.
  void lost(const Witness& witness);

  // `answer` is called once, now or later, unless `asker` goes before that.
  void ask_daemons(const tandem::ViewRequest& request, const void* asker, Answer answer);
  void ask_nodes(const tandem::ViewRequest& request, const void* asker, Answer answer);
  void forget(const void* asker);
  void stop();

  void take(const Witness& from, const tandem::Account& account);
  void take(const Witness& from, const tandem::View& view);

 private:
  class Inquiry;
  struct Daemon {
    Witness* witness;
    tandem::Role role;
    uint64_t generation;
  };
  Inquiry* begin(const tandem::ViewRequest& request, const void* asker, Answer answer);
  Witness* latest(tandem::Role role) const;
  Inquiry* find(uint64_t number) const;
  void end(Inquiry& inquiry);

  base::Loop& loop_;
  const std::function<tandem::Account()> own_;
  std::vector<Daemon> daemons_;
  std::vector<std::pair<Witness*, std::string>> nodes_;
  std::list<std::unique_ptr<Inquiry>> open_;
  uint64_t last_number_ = 0;
};

}  // namespace syncd
