#include "syncd/views.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace syncd {
namespace {

constexpr const char* kSilent = "no answer in time";
constexpr const char* kGone = "gone";
constexpr const char* kTooLong = "too talkative to be understood";

using Slot = std::variant<tandem::Account*, tandem::View*>;

void fail(tandem::Account& account, std::string why) {
  account.Clear();
  account.set_error(std::move(why));
}
void fail(tandem::View& view, std::string why) {
  const std::string node = view.node();
  view.Clear();
  view.set_node(node);
  view.set_error(std::move(why));
}
void fail(const Slot& slot, const std::string& why) {
  std::visit([&](auto* said) { fail(*said, why); }, slot);
}

}  // namespace

// One question and who is to answer it.
class Views::Inquiry {
 public:
  Inquiry(Views& views, uint64_t number, const tandem::ViewRequest& request, const void* asker, Answer answer)
      : views_(views),
        number_(number),
        asked_(request.number()),
        stats_(request.stats()),
        asker_(asker),
        answer_(std::move(answer)),
        deadline_(views.loop_) {
    const base::Millis patience = request.patience_ms() == 0 ? kUsual : base::Millis(request.patience_ms());
    patience_ = std::clamp(patience, kLeast, kLongestPatience) * 4 / 5;
    deadline_.bind<&Inquiry::on_deadline>(this);
    deadline_.start_after(patience_);
  }
  uint64_t number() const { return number_; }
  const void* asker() const { return asker_; }
  bool done() const { return awaited_.empty(); }

  // `slot`: of the reply, where the answer belongs.
  void ask(Witness& witness, const Slot& slot) {
    tandem::Envelope question;
    question.mutable_view_request()->set_number(number_);
    question.mutable_view_request()->set_patience_ms(static_cast<uint32_t>(patience_.count()));
    *question.mutable_view_request()->mutable_stats() = stats_;
    const auto refusal = witness.ask(question);
    if (!refusal) {
      awaited_.emplace(&witness, slot);
      return;
    }
    fail(slot, refusal->why);
    if (auto* const* view = std::get_if<tandem::View*>(&slot)) (*view)->set_older(refusal->older);
  }
  // Whatever it says, once.
  template <typename Said>
  void take(const Witness& from, const Said& said) {
    const auto awaited = awaited_.find(&from);
    if (awaited == awaited_.end() || !std::holds_alternative<Said*>(awaited->second)) return;
    Said& slot = *std::get<Said*>(awaited->second);
    awaited_.erase(awaited);
    if (said.ByteSizeLong() > kLongest || size_ + said.ByteSizeLong() > kLongestAll) return fail(slot, kTooLong);
    size_ += said.ByteSizeLong();
    if constexpr (std::is_same_v<Said, tandem::View>) {
      const std::string node = slot.node();  // we know better than it who it is
      slot = said;
      slot.set_node(node);
    } else {
      slot = said;
    }
    slot.set_number(0);
  }
  void lose(const Witness& witness, const char* why) {
    const auto awaited = awaited_.find(&witness);
    if (awaited == awaited_.end()) return;
    fail(awaited->second, why);
    awaited_.erase(awaited);
  }
  tandem::View& view() { return *reply_.mutable_view(); }
  tandem::Views& views() { return *reply_.mutable_views(); }
  void answer() {
    for (const auto& [witness, slot] : awaited_) {
      fail(slot, kSilent);
      if (auto* const* account = std::get_if<tandem::Account*>(&slot)) (*account)->set_silent(true);
    }
    awaited_.clear();
    if (reply_.has_view()) reply_.mutable_view()->set_number(asked_);
    if (reply_.has_views()) reply_.mutable_views()->set_number(asked_);
    answer_(reply_);
  }

 private:
  void on_deadline() { views_.end(*this); }

  Views& views_;
  const uint64_t number_, asked_;
  const tandem::StatsRequest stats_;
  const void* const asker_;
  const Answer answer_;
  base::Millis patience_{};
  std::map<const Witness*, Slot> awaited_;
  tandem::Envelope reply_;
  size_t size_ = 0;
  base::Timer deadline_;
};

Views::Views(base::Loop& loop, std::function<tandem::Account()> own) : loop_(loop), own_(std::move(own)) {}

Views::~Views() = default;

void Views::add_daemon(Witness& daemon, tandem::Role role, uint64_t generation) {
  daemons_.push_back({&daemon, role, generation});
}

void Views::add_node(Witness& node, const std::string& name) {
  nodes_.emplace_back(&node, name);
}

void Views::remove(const Witness& witness) {
  lost(witness);
  std::erase_if(daemons_, [&](const Daemon& daemon) { return daemon.witness == &witness; });
  std::erase_if(nodes_, [&](const auto& node) { return node.first == &witness; });
}

void Views::lost(const Witness& witness) {
  std::vector<Inquiry*> done;
  for (const auto& inquiry : open_) {
    inquiry->lose(witness, kGone);
    if (inquiry->done()) done.push_back(inquiry.get());
  }
  for (Inquiry* inquiry : done) end(*inquiry);
}

void Views::forget(const void* asker) {
  open_.remove_if([&](const auto& inquiry) { return inquiry->asker() == asker; });
}

void Views::stop() {
  open_.clear();
}

Witness* Views::latest(tandem::Role role) const {
  const Daemon* latest = nullptr;
  for (const Daemon& daemon : daemons_)
    if (daemon.role == role && (!latest || daemon.generation >= latest->generation)) latest = &daemon;
  return latest ? latest->witness : nullptr;
}

Views::Inquiry* Views::find(uint64_t number) const {
  const auto found =
      std::find_if(open_.begin(), open_.end(), [&](const auto& inquiry) { return inquiry->number() == number; });
  return found == open_.end() ? nullptr : found->get();
}

// Null when there are too many.
Views::Inquiry* Views::begin(const tandem::ViewRequest& request, const void* asker, Answer answer) {
  const auto same = [&](const auto& inquiry) { return inquiry->asker() == asker; };
  if (open_.size() >= kMost ||
      std::count_if(open_.begin(), open_.end(), same) >= static_cast<std::ptrdiff_t>(kMostOfOne))
    return nullptr;
  open_.push_back(std::make_unique<Inquiry>(*this, ++last_number_, request, asker, std::move(answer)));
  return open_.back().get();
}

void Views::ask_daemons(const tandem::ViewRequest& request, const void* asker, Answer answer) {
  Inquiry* inquiry = begin(request, asker, answer);
  if (!inquiry) {
    tandem::Envelope busy;
    busy.mutable_view()->set_number(request.number());
    busy.mutable_view()->set_error("too many ask at a time");
    return answer(busy);
  }
  tandem::View& view = inquiry->view();
  *view.mutable_syncd() = own_();
  if (view.syncd().ByteSizeLong() > kLongest) fail(*view.mutable_syncd(), kTooLong);
  const std::pair<tandem::Role, tandem::Account*> daemons[] = {{tandem::ROLE_LBD, view.mutable_lbd()},
                                                               {tandem::ROLE_VRRPD, view.mutable_vrrpd()}};
  for (const auto& [role, slot] : daemons) {
    if (Witness* witness = latest(role))
      inquiry->ask(*witness, slot);
    else
      fail(*slot, "not linked with its syncd");
  }
  if (inquiry->done()) end(*inquiry);
}

void Views::ask_nodes(const tandem::ViewRequest& request, const void* asker, Answer answer) {
  Inquiry* inquiry = begin(request, asker, answer);
  if (!inquiry) {
    tandem::Envelope busy;
    busy.mutable_views()->set_number(request.number());
    return answer(busy);
  }
  // All places before the first question: they do not move any more.
  for (const auto& [witness, name] : nodes_) inquiry->views().add_nodes()->set_node(name);
  for (size_t i = 0; i < nodes_.size(); ++i)
    inquiry->ask(*nodes_[i].first, inquiry->views().mutable_nodes(static_cast<int>(i)));
  if (inquiry->done()) end(*inquiry);
}

void Views::take(const Witness& from, const tandem::Account& account) {
  Inquiry* inquiry = find(account.number());
  if (!inquiry) return;
  inquiry->take(from, account);
  if (inquiry->done()) end(*inquiry);
}

void Views::take(const Witness& from, const tandem::View& view) {
  Inquiry* inquiry = find(view.number());
  if (!inquiry) return;
  inquiry->take(from, view);
  if (inquiry->done()) end(*inquiry);
}

void Views::end(Inquiry& inquiry) {
  const auto place = std::find_if(open_.begin(), open_.end(), [&](const auto& each) { return each.get() == &inquiry; });
  if (place == open_.end()) return;
  const std::unique_ptr<Inquiry> last = std::move(*place);
  open_.erase(place);
  last->answer();
}

}  // namespace syncd
