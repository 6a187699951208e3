// Changes: carries orders to change the configuration (proto/change.proto) from who may give them to the applyd of this
// node or to another node, and the answers back.
//
// At most kMost orders are open at a time; each is answered once, by who was asked or, when that one goes or stays
// silent, by an error. Whoever asks for an order must have been found trustworthy before.
// Life: that of syncd; who asks says when he goes. Thread: that of the loop. Errors: texts in the answers.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "base/ev.h"
#include "syncd/witness.h"

namespace syncd {

class Changes {
 public:
  static constexpr size_t kMost = 16;
  // Of an answer: a check of large files takes its time.
  static constexpr base::Seconds kPatience{90};
  using Answer = std::function<void(const tandem::Envelope&)>;

  explicit Changes(base::Loop& loop);
  ~Changes();

  // The one that came last is asked.
  void add_applyd(Witness& applyd) { applyds_.push_back(&applyd); }
  void add_node(Witness& node, const std::string& name) { nodes_.emplace_back(&node, name); }
  void remove(const Witness& witness);
  // The link with it has ended; it may be asked later.
  void lost(const Witness& witness);

  // For the applyd of this node, or, as `request.node` says, for that of another one.
  void order(const tandem::ChangeRequest& request, const std::string& own_name, const void* asker, Answer answer);
  void take(const Witness& from, const tandem::ChangeReply& reply);
  void forget(const void* asker);
  void stop();

 private:
  class Order;
  void end(Order& order, tandem::ChangeReply reply);

  base::Loop& loop_;
  std::vector<Witness*> applyds_;
  std::vector<std::pair<Witness*, std::string>> nodes_;
  std::list<std::unique_ptr<Order>> open_;
  uint64_t last_number_ = 0;
};

}  // namespace syncd
