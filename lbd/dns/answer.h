// Answer: what a response means for the question that was asked, and what is still believed of earlier ones.
//
// Pure. Thread: any; the records of a name belong to the control thread. Manual: 5.3.2 hold obsolete.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "lbd/dns/message.h"

namespace lbd::dns {

enum class Status : uint8_t { valid, nx, timeout, refused, other };

struct Answer {
  Status status = Status::other;
  std::vector<Record> records;     // of the type that was asked for
  std::vector<Record> additional;  // addresses of the targets of SRV records
};

// Follows the aliases of the name. An answer without a record of the type is `other`.
Answer answer_of(const Message& message);

// Records with smaller numbers come first.
uint32_t order_of(const Record& record);

// The records of a name, in the order in which servers take them: HAProxy's, which is that of a hash, so that the order
// in which a name server gives them does not matter.
class RecordSet {
 public:
  // `keep`: how long a record stays that is not in the answers any more.
  void update(const Answer& answer, base::MonoTime now, base::Nanos keep);
  void clear() { held_.clear(); }
  bool empty() const { return held_.empty(); }
  std::vector<const Record*> all() const;

 private:
  struct Held {
    Record record;
    uint32_t order;
    base::MonoTime seen;
  };
  std::vector<Held> held_;
};

}  // namespace lbd::dns
