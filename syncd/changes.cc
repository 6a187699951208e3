#include "syncd/changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace syncd {
namespace {

tandem::ChangeReply refusal(std::string why, bool lost = false) {
  tandem::ChangeReply reply;
  reply.set_error(std::move(why));
  reply.set_lost(lost);
  return reply;
}

}  // namespace

class Changes::Order {
 public:
  Order(Changes& changes, uint64_t number, uint64_t asked, const void* asker, Answer answer, const Witness* to)
      : changes_(changes),
        number_(number),
        asked_(asked),
        asker_(asker),
        answer_(std::move(answer)),
        to_(to),
        deadline_(changes.loop_) {
    deadline_.bind<&Order::on_deadline>(this);
    deadline_.start_after(kPatience);
  }
  uint64_t number() const { return number_; }
  const void* asker() const { return asker_; }
  bool is_for(const Witness& witness) const { return to_ == &witness; }
  void answer(tandem::ChangeReply reply) const {
    tandem::Envelope envelope;
    reply.set_number(asked_);
    *envelope.mutable_change_reply() = std::move(reply);
    answer_(envelope);
  }

 private:
  void on_deadline() { changes_.end(*this, refusal("its applyd does not answer")); }

  Changes& changes_;
  const uint64_t number_, asked_;  // ours, and that of who asks
  const void* const asker_;
  const Answer answer_;
  const Witness* const to_;
  base::Timer deadline_;
};

Changes::Changes(base::Loop& loop) : loop_(loop) {}

Changes::~Changes() = default;

void Changes::stop() {
  open_.clear();
}

void Changes::remove(const Witness& witness) {
  lost(witness);
  std::erase(applyds_, &witness);
  std::erase_if(nodes_, [&](const auto& node) { return node.first == &witness; });
}

void Changes::lost(const Witness& witness) {
  std::vector<Order*> over;
  for (const auto& order : open_)
    if (order->is_for(witness)) over.push_back(order.get());
  for (Order* order : over) end(*order, refusal("it went before it had answered", true));
}

void Changes::forget(const void* asker) {
  open_.remove_if([&](const auto& order) { return order->asker() == asker; });
}

void Changes::order(const tandem::ChangeRequest& request, const std::string& own_name, const void* asker,
                    Answer answer) {
  const auto refuse = [&](std::string why, bool absent = false) {
    tandem::Envelope envelope;
    *envelope.mutable_change_reply() = refusal(std::move(why), absent);
    envelope.mutable_change_reply()->set_absent(absent);
    envelope.mutable_change_reply()->set_number(request.number());
    answer(envelope);
  };
  Witness* to = nullptr;
  tandem::Envelope question;
  *question.mutable_change_request() = request;
  if (request.node().empty() || request.node() == own_name) {
    if (applyds_.empty()) return refuse("applyd does not run, or is not linked with syncd", true);
    to = applyds_.back();
    question.mutable_change_request()->clear_node();
  } else {
    const auto node =
        std::find_if(nodes_.begin(), nodes_.end(), [&](const auto& each) { return each.second == request.node(); });
    if (node == nodes_.end()) return refuse(fmt::format("there is no node '{}'", request.node()));
    to = node->first;
  }
  if (open_.size() >= kMost) return refuse("too many ask at a time");
  const uint64_t number = ++last_number_;
  question.mutable_change_request()->set_number(number);
  if (const auto refused = to->ask(question)) return refuse(refused->why, refused->absent);
  open_.push_back(std::make_unique<Order>(*this, number, request.number(), asker, std::move(answer), to));
}

void Changes::take(const Witness& from, const tandem::ChangeReply& reply) {
  const auto order = std::find_if(open_.begin(), open_.end(), [&](const auto& each) {
    return each->number() == reply.number() && each->is_for(from);
  });
  if (order != open_.end()) end(**order, reply);
}

void Changes::end(Order& order, tandem::ChangeReply reply) {
  const auto place = std::find_if(open_.begin(), open_.end(), [&](const auto& each) { return each.get() == &order; });
  if (place == open_.end()) return;
  const std::unique_ptr<Order> last = std::move(*place);
  open_.erase(place);
  last->answer(std::move(reply));
}

}  // namespace syncd
