#include "syncd/chronicle.h"

#include <algorithm>

#include "base/journal.h"

namespace syncd {
namespace {

// An answer that took longer says nothing.
constexpr base::Seconds kLongestWay{10};
// A century: more than any system has been up.
constexpr uint64_t kMostMicros = uint64_t{100} * 366 * 24 * 3600 * 1'000'000;

// Daemons of a node that tell; each has its room.
constexpr std::array kTellers = {tandem::ROLE_LBD, tandem::ROLE_VRRPD, tandem::ROLE_SYNCD, tandem::ROLE_APPLYD};
static_assert(kTellers.size() == Chronicle::kDaemons);

void cut(std::string& text, size_t longest) {
  if (text.size() > longest) text.resize(longest);
  for (char& c : text)
    if (c < 0x20 || c > 0x7e) c = '?';
}

}  // namespace

void ClockDifference::take(base::Micros asked, base::Micros answered, base::Micros heard) {
  if (asked < base::Micros(0) || asked > heard || answered < base::Micros(0) || answered > base::Micros(kMostMicros))
    return;
  const base::Micros delay = heard - asked;
  if (delay > kLongestWay) return;
  if (answers_.size() == kAnswers) answers_.pop_front();
  answers_.push_back({.offset = asked + delay / 2 - answered, .delay = delay});
}

const ClockDifference::Answer& ClockDifference::best() const {
  return *std::min_element(answers_.begin(), answers_.end(),
                           [](const Answer& a, const Answer& b) { return a.delay < b.delay; });
}

base::Micros ClockDifference::offset() const {
  return known() ? best().offset : base::Micros(0);
}

base::Micros ClockDifference::uncertainty() const {
  return known() ? best().delay / 2 : base::Micros(0);
}

bool Chronicle::Source::add(tandem::Event event, uint64_t arrived) {
  const auto role = std::find(kTellers.begin(), kTellers.end(), event.daemon());
  if (role == kTellers.end() || event.boot_us() > kMostMicros || event.wall_us() > kMostMicros) return false;
  std::deque<Kept>& kept = of_daemons[static_cast<size_t>(role - kTellers.begin())];
  const auto known = std::find_if(kept.rbegin(), kept.rend(),
                                  [&](const Kept& one) { return one.event.generation() == event.generation(); });
  if (known != kept.rend() && known->event.sequence() >= event.sequence()) return false;
  cut(*event.mutable_kind(), base::Journal::kLongestName);
  cut(*event.mutable_object(), base::Journal::kLongestName);
  cut(*event.mutable_text(), base::Journal::kLongestText);
  event.DiscardUnknownFields();
  if (kept.size() == kKept) kept.pop_front();
  kept.push_back({arrived, std::move(event)});
  return true;
}

void Chronicle::Source::write(tandem::Events& to, uint64_t after) const {
  for (const auto& kept : of_daemons)
    for (const Kept& one : kept)
      if (one.arrived > after) *to.add_events() = one.event;
  to.set_boot(boot);
  to.set_offset_us(offset.count());
  to.set_uncertainty_us(static_cast<uint64_t>(uncertainty.count()));
}

void Chronicle::add_local(const tandem::Hello& who, const tandem::Events& events) {
  tandem::Envelope envelope;
  tandem::Events& news = *envelope.mutable_events();
  news.set_boot(boot_);
  own_.boot = boot_;
  for (tandem::Event event : events.events()) {
    event.set_daemon(who.role());
    event.set_pid(who.pid());
    if (event.generation() == 0) event.set_generation(who.generation());
    if (own_.add(event, arrived_ + 1)) {
      ++arrived_;
      *news.add_events() = std::move(event);
    }
  }
  if (news.events_size() > 0) tell_(envelope);
}

Chronicle::Source& Chronicle::source(const std::string& node, uint64_t boot) {
  std::deque<Source>& starts = others_[node];
  const auto known = std::find_if(starts.begin(), starts.end(), [&](const Source& one) { return one.boot == boot; });
  if (known != starts.end()) return *known;
  if (starts.size() == kBoots) starts.pop_front();
  starts.emplace_back().boot = boot;
  return starts.back();
}

void Chronicle::add_remote(const std::string& node, const tandem::Events& events) {
  Source& from = source(node, events.boot());
  for (const tandem::Event& event : events.events()) arrived_ += from.add(event, arrived_ + 1);
}

void Chronicle::set_clock(const std::string& node, uint64_t boot, const ClockDifference& difference) {
  Source& of = source(node, boot);
  of.clock_known = difference.known();
  of.offset = difference.offset();
  of.uncertainty = difference.uncertainty();
}

tandem::Envelope Chronicle::local() const {
  tandem::Envelope envelope;
  own_.write(*envelope.mutable_events(), 0);
  envelope.mutable_events()->set_boot(boot_);
  return envelope;
}

std::vector<tandem::Envelope> Chronicle::reply(const tandem::EventsRequest& request, const std::string& own) const {
  std::vector<tandem::Envelope> replies;
  const uint64_t after = request.generation() == generation_ ? request.arrived() : 0;
  const auto add = [&](const std::string& node, const Source& source, bool clock_known) {
    tandem::EventsReply& reply = *replies.emplace_back().mutable_events_reply();
    reply.set_generation(generation_);
    reply.set_arrived(arrived_);
    reply.set_boot_us(static_cast<uint64_t>(base::boot_now().count()));
    tandem::Events& told = *reply.add_nodes();
    source.write(told, after);
    told.set_node(node);
    told.set_clock_unknown(!clock_known);
  };
  for (const auto& [node, starts] : others_)
    for (const Source& source : starts) add(node, source, source.clock_known);
  add(own, own_, true);
  for (size_t i = 0; i + 1 < replies.size(); ++i) replies[i].mutable_events_reply()->set_more(true);
  return replies;
}

}  // namespace syncd
