#include "replica/part_batch.h"

namespace replica {

void PartBatch::add(const PartStore::News& news) {
  auto table = tables_.find(news.table);
  if (table == tables_.end()) {
    table = tables_.emplace(news.table, static_cast<uint32_t>(message_.tables_size())).first;
    message_.add_tables(std::string(news.table));
  }
  auto origin = origins_.find(news.origin);
  if (origin == origins_.end()) {
    origin = origins_.emplace(news.origin, static_cast<uint32_t>(message_.origins_size())).first;
    tandem::Origin& named = *message_.add_origins();
    named.set_id(news.origin);
    named.set_node(std::string(news.node));
  }
  tandem::Part& part = *message_.add_parts();
  part.set_table(table->second);
  part.set_origin(origin->second);
  part.set_key(news.key.data(), news.key.size());
  part.set_version(news.version);
  part.set_deadline(static_cast<uint64_t>(news.deadline));
  part.set_cleared(news.cleared);
  part.set_value(news.value.data(), news.value.size());
  bytes_ += news.key.size() + news.value.size() + 32;
}

}  // namespace replica
