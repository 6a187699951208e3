#include "lbd/dns/answer.h"

#include <algorithm>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace lbd::dns {
namespace {

// The same thing: what may have changed about it is its weight and priority.
bool same(const Record& one, const Record& other) {
  return one.type == other.type && one.ip == other.ip && one.target == other.target && one.port == other.port;
}

}  // namespace

// Over the bytes of the message: of names their labels, without the empty one at the end.
uint32_t order_of(const Record& record) {
  const auto seed = static_cast<uint32_t>(record.type);
  if (record.type != Type::srv) return XXH32(record.ip.bytes.data(), record.ip.length(), seed);
  const std::string labels = encode_labels(record.target);
  return XXH32(labels.data(), labels.size(), seed);
}

Answer answer_of(const Message& message) {
  Answer answer;
  if (message.truncated) return answer;
  if (message.code != Code::no_error) {
    answer.status = message.code == Code::nx_domain ? Status::nx
                    : message.code == Code::refused ? Status::refused
                                                    : Status::other;
    return answer;
  }
  std::string_view owner = message.name;
  // Aliases stand before what they are aliases of, or behind; a circle ends with the records.
  for (size_t steps = 0; steps <= message.answers.size(); ++steps) {
    auto alias = std::find_if(message.answers.begin(), message.answers.end(), [&](const Record& record) {
      return record.type == Type::cname && record.owner == owner && record.target != owner;
    });
    if (alias == message.answers.end()) break;
    owner = alias->target;
  }
  for (const Record& record : message.answers)
    if (record.type == message.type && record.owner == owner) answer.records.push_back(record);
  if (answer.records.empty()) return answer;
  answer.status = Status::valid;
  if (message.type == Type::srv)
    for (const Record& record : message.additional)
      if (record.type == Type::a || record.type == Type::aaaa) answer.additional.push_back(record);
  return answer;
}

void RecordSet::update(const Answer& answer, base::MonoTime now, base::Nanos keep) {
  for (const Record& record : answer.records) {
    auto known = std::find_if(held_.begin(), held_.end(), [&](const Held& held) { return same(held.record, record); });
    if (known == held_.end()) {
      held_.push_back({record, order_of(record), now});
      continue;
    }
    known->record = record;
    known->seen = now;
  }
  std::erase_if(held_, [&](const Held& held) { return held.seen != now && held.seen + keep <= now; });
  std::stable_sort(held_.begin(), held_.end(),
                   [](const Held& one, const Held& other) { return one.order < other.order; });
}

std::vector<const Record*> RecordSet::all() const {
  std::vector<const Record*> all;
  for (const Held& held : held_) all.push_back(&held.record);
  return all;
}

}  // namespace lbd::dns
