// Relay: what the vrrpd of this node says goes to those of the other nodes, and back: a second path beside the adverts,
// between ends that have proven who they are. Nothing is kept; what a node says is over when its link is.
//
// Life: as long as the process; sides come and go. Thread: one. Errors: none; a word that nobody hears is lost.
#pragma once

#include <string>
#include <vector>

#include "proto/envelope.pb.h"

namespace syncd {

// Where words go: a linked node, or a vrrpd of this node.
class RelaySide {
 public:
  virtual void say(const tandem::Envelope& envelope) = 0;

 protected:
  ~RelaySide() = default;
};

class Relay {
 public:
  void add_node(RelaySide& node) { nodes_.push_back(&node); }
  void remove_node(RelaySide& node) { std::erase(nodes_, &node); }
  void add_local(RelaySide& local) { locals_.push_back(&local); }
  void remove_local(RelaySide& local) { std::erase(locals_, &local); }

  // Of a vrrpd of this node.
  void from_here(const tandem::Envelope& envelope) {
    for (RelaySide* node : nodes_) node->say(envelope);
  }
  // Of another node, which has that name; we are called `here`; `in_sync`: both have told each other everything.
  void from_node(const std::string& name, const std::string& here, bool in_sync, tandem::VrrpWord word) {
    tandem::Envelope envelope;
    word.set_node(name);
    word.set_here(here);
    word.set_teaching(!in_sync);
    *envelope.mutable_vrrp_word() = std::move(word);
    for (RelaySide* local : locals_) local->say(envelope);
  }
  static tandem::VrrpWord gone() {
    tandem::VrrpWord word;
    word.set_gone(true);
    return word;
  }

 private:
  std::vector<RelaySide*> nodes_, locals_;
};

}  // namespace syncd
