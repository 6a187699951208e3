// Answers of name servers. What was understood must be names that can be asked for again, and the answer that is drawn
// from it must belong to the question.
#include <cstdint>

#include "base/result.h"
#include "lbd/dns/answer.h"

using namespace lbd::dns;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  auto message = decode_response(bytes);
  if (!message) return 0;
  for (const auto* records : {&message->answers, &message->additional})
    for (const Record& record : *records) {
      CHECK(record.owner.size() <= kMaxName && record.target.size() <= kMaxName);
      CHECK((record.ip.length() > 0) == (record.type == Type::a || record.type == Type::aaaa));
    }
  const Answer answer = answer_of(*message);
  CHECK((answer.status == Status::valid) == !answer.records.empty());
  for (const Record& record : answer.records) CHECK(record.type == message->type);
  RecordSet set;
  set.update(answer, base::MonoTime(base::Seconds(1)), base::Seconds(0));
  CHECK(set.all().size() <= answer.records.size());
  if (auto name = canonical_name(message->name)) {
    const std::string query = encode_query(message->id, *name, message->type, 4096);
    CHECK(query.size() <= 12 + kMaxName + 2 + 4 + 11);
  }
  return 0;
}
