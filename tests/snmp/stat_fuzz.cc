// What a process behind lbd's runtime socket may answer. Each text is given to all readers.
#include <cstdint>

#include "snmp/proxy_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace snmp;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Indices indices;
  Snapshot snapshot;
  if (read_stat(text, indices, snapshot)) {
    uint32_t servers = 0;
    for (const Backend& backend : snapshot.backends) servers += backend.servers;
    CHECK(servers <= snapshot.servers.size());
  }
  (void)read_info(text, snapshot);
  (void)read_tables(text, indices, snapshot);
  (void)digest_of_states(text);
  Certificate certificate;
  (void)read_certificate(text, certificate);
  (void)read_certificate_list(text);
  (void)read_ocsp(text, 1'800'000'000, certificate);
  (void)read_reloads(text, snapshot);
  const std::vector<Indices::Fixed> ids = read_ids(text);
  indices.fix(ids);
  for (const Indices::Fixed& one : ids) CHECK(indices.of(one.scope, one.name) > 0);
  (void)indices.restore(text);
  return 0;
}
