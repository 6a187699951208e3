#include "lbd/link/counters.h"

#include <xxhash.h>

#include "proto/counters.pb.h"

namespace lbd::link {
namespace {

// Those of a process that ended stay in syncd so long; told again before.
constexpr int64_t kLife = 600'000;

}  // namespace

CounterShare::CounterShare(stats::Statistics& statistics, const tandem::Hello& hello)
    : statistics_(statistics), origin_(hello.origin()), node_(hello.node()) {
  statistics_.others().here = node_;
}

void CounterShare::present(const tandem::Present& present) {
  const std::string here = own_node(present, origin_, node_);
  statistics_.others().here = here;
  elsewhere_.clear();
  for (const tandem::Origin& origin : present.origins())
    if (origin.node() != here) elsewhere_[origin.id()] = origin.node();
  statistics_.others().keep([&](uint64_t origin) { return elsewhere_.contains(origin); });
}

void CounterShare::tell(const stats::Object& object, Teller& teller) {
  tandem::CounterValues values;
  for (const stats::Metric* metric : stats::columns()) {
    if (!stats::Others::tells(*metric, object)) continue;
    const stats::Value value = stats::read(*metric, object);
    if (!value.is_number() || value.number <= 0) continue;
    values.add_columns(static_cast<uint32_t>(metric->position));
    values.add_values(static_cast<uint64_t>(value.number));
  }
  const std::string bytes = values.SerializeAsString();
  std::string key = stats::Others::key_of(object);
  uint64_t& told = told_[key];
  const uint64_t hash = XXH3_64bits(bytes.data(), bytes.size());
  if (std::exchange(told, hash) != hash) teller.tell(kList, key, bytes, teller.now() + kLife);
}

// Where nobody else is, nobody wants to know.
void CounterShare::collect(Teller& teller) {
  if (elsewhere_.empty()) return;
  const base::MonoTime now = base::mono_now();
  if (next_ == round_.size()) {
    if (now < begins_) return;
    begins_ = now + kRound;
    round_.clear();
    next_ = 0;
    statistics_.source().for_each({}, now, [&](const stats::Object& object) { round_.push_back(object); });
  }
  for (size_t i = 0; i < kAtATime && next_ < round_.size() && !teller.full(); ++i) tell(round_[next_++], teller);
}

void CounterShare::accept(const replica::PartStore::News& news) {
  const auto process = elsewhere_.find(news.origin);
  tandem::CounterValues values;
  if (process == elsewhere_.end() || !values.ParseFromArray(news.value.data(), static_cast<int>(news.value.size())) ||
      values.columns_size() != values.values_size())
    return;
  stats::Others::Process& known = statistics_.others().at(news.origin);
  known.node = process->second;
  stats::Others::Figures& figures = known.objects[std::string(news.key)];
  figures.clear();
  for (int i = 0; i < values.columns_size(); ++i) figures[static_cast<int>(values.columns(i))] = values.values(i);
}

}  // namespace lbd::link
