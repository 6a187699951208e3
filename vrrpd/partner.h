// Partner: the vrrpd of the other nodes, as far as their syncd and ours are linked: a second path beside the adverts,
// between ends that have proven who they are (syncd/relay.h).
//
// A master says over it, once an advertisement interval, that it is master: whoever does not hear its adverts any more
// but hears this knows that the master lives, and leaves it the addresses. A master that gives its addresses up names
// the best backup as its successor, which takes them at once, without waiting for Skew_Time.
//
// Life: of the daemon. Thread: that of the loop. Errors: none; without syncd, or with a node that has none, the adverts
// and timers of the RFC hold alone.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "ipc/client.h"
#include "ipc/journal_feed.h"
#include "vrrpd/word.h"

namespace vrrpd {

class Partner final : private ipc::ClientEvents {
 public:
  struct Events {
    std::function<void(RouterId, const RouterWord&)> heard;          // of a master
    std::function<void(RouterId, const std::string& node)> invited;  // that node gave up, and we are its successor
    std::function<void(RouterId, const std::string& node, const RouterWord&)> said;  // each word
    std::function<void()> linked;                                                    // say what is to be said
    std::function<void()> changed = [] {};                                           // what others are, or can
    std::function<tandem::Account()> account = [] { return tandem::Account(); };     // what is to be said of this one
  };
  Partner(base::Loop& loop, Events events);
  ~Partner();
  // Moves to the syncd at `path` when it is another one; "": to none.
  void connect(const std::string& path);
  bool linked() const { return client_ && client_->up(); }
  void say(tandem::VrrpWord word);

  // The node whose backup of this router has the highest priority; "": there is none.
  std::string best_backup(RouterId id) const;
  // What nodes say, by their names.
  const std::map<std::string, Words>& nodes() const { return nodes_; }
  // Of those that track an lbd.
  const std::map<std::string, tandem::NodeFacts>& facts() const { return facts_; }
  // The node that says that it is master of this router; "": none does.
  std::string master_of(RouterId id) const;
  // Nodes that have spoken of this router and do so no more, since one end or the link between is gone.
  std::vector<std::string> lost(RouterId id) const;
  // What it said of itself last, be it gone; null: nothing.
  const tandem::NodeFacts* last_facts(const std::string& node) const;
  // The syncd of both have not told each other everything; of one that is gone: had not.
  bool teaching(const std::string& node) const { return teaching_.contains(node); }
  // There was a syncd.
  bool was_linked() const { return linked_since_ != base::kNever; }
  base::MonoTime linked_since() const { return linked_since_; }

 private:
  std::string on_up(ipc::Client& client, const tandem::Hello& hello) override;
  void on_envelope(ipc::Client& client, const tandem::Envelope& envelope) override;
  void on_down(ipc::Client& client, const std::string& reason) override;
  bool take_facts(const tandem::VrrpWord& word);
  void answer(const tandem::ViewRequest& question);

  base::Loop& loop_;
  const Events events_;
  std::string path_;
  std::unique_ptr<ipc::Client> client_;
  ipc::JournalFeed journal_;
  std::map<std::string, Words> nodes_;
  std::map<std::string, tandem::NodeFacts> facts_;
  std::map<std::string, tandem::NodeFacts> last_facts_;
  std::set<std::string> teaching_;
  std::map<std::string, std::set<RouterId>> spoken_;  // of what each has ever spoken, be it gone
  base::MonoTime linked_since_ = base::kNever;
};

}  // namespace vrrpd
