// Object identifiers, and where Tandem's own objects stand.
//
// The arc is written in two places that a test compares (tests/flow/snmp_mib_test.py): here, and as the value of
// tandemMIB in snmp/mibs/TANDEM-MIB.txt. Until the project has a number of its own from IANA it is an arc of
// netSnmpPlaypen; with -DTANDEM_ENTERPRISE=N at build time it is 1.3.6.1.4.1.N, in both.
// Thread: values. Errors: none. Manual: RFC 2578.
#pragma once

#include <initializer_list>
#include <vector>

namespace snmp {

using SubId = unsigned long;  // net-snmp's oid
using Oid = std::vector<SubId>;

#ifdef TANDEM_ENTERPRISE
inline const Oid kArc = {1, 3, 6, 1, 4, 1, TANDEM_ENTERPRISE};
#else
inline const Oid kArc = {1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 1867};
#endif

inline Oid below(const Oid& root, std::initializer_list<SubId> more) {
  Oid oid = root;
  oid.insert(oid.end(), more);
  return oid;
}
inline Oid own(std::initializer_list<SubId> more) {
  return below(kArc, more);
}

// As an index has it: its length, then each byte (RFC 2578, 7.7).
template <typename Text>
void append_octets(Oid& index, const Text& text) {
  index.push_back(text.size());
  for (const auto byte : text) index.push_back(static_cast<unsigned char>(byte));
}

}  // namespace snmp
