// VRRPV3-MIB (RFC 6527) for all virtual routers, VRRP-MIB (RFC 2787) for those of version 2, read-only: what both call
// read-create reads as what runs, with RowStatus active.
//
// RFC 6527 knows one family in a virtual router: an instance with addresses of both is two of them here, which share
// their state and what is counted. A VRID that is used twice on one interface and family (which no router would
// understand) has one row.
#include <set>

#include "snmp/object.h"
#include "snmp/virtual_router.h"

namespace snmp {
namespace {

using R = VirtualRouter;
using T = Type;

constexpr int kActive = 1;  // RowStatus

struct Discontinuity {
  Value operator()(const R&, const Snapshot& s) const { return s.discontinuity(DaemonKind::vrrpd); }
};
template <int64_t R::*Member>
struct Read {
  Value operator()(const R& router) const { return router.*Member; }
};
template <int64_t R::*Member>
constexpr Column figure(uint32_t number, std::string_view name, Type type) {
  return column<R>(number, name, type, Read<Member>());
}
template <int64_t R::*Member>
Value sum(const Snapshot& snapshot) {
  int64_t all = 0;
  for (const R& router : snapshot.routers) all += router.*Member;
  return all;
}

// vrrpv3StatisticsProtoErrReason, from the flaws of vrrpd: ttl, truncated, version, type, length, checksum …
Value protocol_error(const R& router) {
  switch (router.last_flaw) {
    case 1:
      return 1;  // ipTtlError
    case 3:
      return 2;  // versionError
    case 6:
      return 3;  // checksumError
    default:
      return 0;  // noError, or one that RFC 6527 counts elsewhere
  }
}

Value address(const base::IpAddr& ip) {
  return octets_of(ip.is_v4() ? ip : base::IpAddr::v4(0));
}

constexpr Column kOperations3[] = {
    column<R>(3, "vrrpv3OperationsMasterIpAddr", T::octets, [](const R& r) { return octets_of(r.master); }),
    column<R>(4, "vrrpv3OperationsPrimaryIpAddr", T::octets, [](const R& r) { return octets_of(r.source); }),
    column<R>(5, "vrrpv3OperationsVirtualMacAddr", T::octets, [](const R& r) { return virtual_mac(r); }),
    column<R>(6, "vrrpv3OperationsStatus", T::integer, [](const R& r) { return operational_state(r); }),
    column<R>(7, "vrrpv3OperationsPriority", T::gauge, [](const R& r) { return r.priority; }),
    column<R>(8, "vrrpv3OperationsAddrCount", T::integer, [](const R& r) { return r.addresses.size(); }),
    column<R>(9, "vrrpv3OperationsAdvInterval", T::integer, [](const R& r) { return r.advert_interval_us / 10'000; }),
    column<R>(10, "vrrpv3OperationsPreemptMode", T::integer, [](const R& r) { return truth(r.preempt); }),
    column<R>(11, "vrrpv3OperationsAcceptMode", T::integer, [](const R& r) { return truth(r.accept); }),
    column<R>(12, "vrrpv3OperationsUpTime", T::ticks, [](const R& r) { return r.up_us / 10'000; }),
    column<R>(13, "vrrpv3OperationsRowStatus", T::integer, [](const R&) { return kActive; }),
};

constexpr Column kAddresses3[] = {
    column<R>(2, "vrrpv3AssociatedIpAddrRowStatus", T::integer, [](const R&) { return kActive; }),
};

constexpr Column kRouters3[] = {
    scalar(1, "vrrpv3RouterChecksumErrors", T::counter64, [](const Snapshot& s) { return sum<&R::flaw_checksum>(s); }),
    scalar(2, "vrrpv3RouterVersionErrors", T::counter64, [](const Snapshot& s) { return sum<&R::flaw_version>(s); }),
    scalar(3, "vrrpv3RouterVrIdErrors", T::counter64, [](const Snapshot& s) { return s.foreign_adverts; }),
    scalar(4, "vrrpv3GlobalStatisticsDiscontinuityTime", T::ticks,
           [](const Snapshot& s) { return s.discontinuity(DaemonKind::vrrpd); }),
};

constexpr Column kStatistics3[] = {
    figure<&R::became_master>(1, "vrrpv3StatisticsMasterTransitions", T::counter),
    column<R>(2, "vrrpv3StatisticsNewMasterReason", T::integer, [](const R& r) { return new_master_reason(r); }),
    figure<&R::adverts_received>(3, "vrrpv3StatisticsRcvdAdvertisements", T::counter64),
    figure<&R::flaw_interval>(4, "vrrpv3StatisticsAdvIntervalErrors", T::counter64),
    figure<&R::flaw_ttl>(5, "vrrpv3StatisticsIpTtlErrors", T::counter64),
    column<R>(6, "vrrpv3StatisticsProtoErrReason", T::integer, [](const R& r) { return protocol_error(r); }),
    figure<&R::resignations_received>(7, "vrrpv3StatisticsRcvdPriZeroPackets", T::counter64),
    figure<&R::resignations_sent>(8, "vrrpv3StatisticsSentPriZeroPackets", T::counter64),
    figure<&R::flaw_type>(9, "vrrpv3StatisticsRcvdInvalidTypePackets", T::counter64),
    figure<&R::flaw_addresses>(10, "vrrpv3StatisticsAddressListErrors", T::counter64),
    figure<&R::flaw_length>(11, "vrrpv3StatisticsPacketLengthErrors", T::counter64),
    column<R>(12, "vrrpv3StatisticsRowDiscontinuityTime", T::ticks, Discontinuity()),
    // Milliseconds, as the collector refreshes while it is asked.
    column<R>(13, "vrrpv3StatisticsRefreshRate", T::gauge, [](const R&) { return 1500; }),
};

// RFC 2787: noAuthentication, simpleTextPassword, ipAuthenticationHeader.
Value authentication(const R& router) {
  return router.auth_type + 1;
}

constexpr Column kNode2[] = {
    scalar(1, "vrrpNodeVersion", T::integer, [](const Snapshot&) { return 2; }),
    scalar(2, "vrrpNotificationCntl", T::integer, [](const Snapshot&) { return 1; }),  // enabled
};

constexpr Column kOperations2[] = {
    column<R>(2, "vrrpOperVirtualMacAddr", T::octets, [](const R& r) { return virtual_mac(r); }),
    column<R>(3, "vrrpOperState", T::integer, [](const R& r) { return operational_state(r); }),
    column<R>(4, "vrrpOperAdminState", T::integer, [](const R&) { return 1; }),  // up
    column<R>(5, "vrrpOperPriority", T::integer, [](const R& r) { return r.priority; }),
    column<R>(6, "vrrpOperIpAddrCount", T::integer, [](const R& r) { return r.addresses.size(); }),
    column<R>(7, "vrrpOperMasterIpAddr", T::address, [](const R& r) { return address(r.master); }),
    column<R>(8, "vrrpOperPrimaryIpAddr", T::address, [](const R& r) { return address(r.source); }),
    column<R>(9, "vrrpOperAuthType", T::integer, [](const R& r) { return authentication(r); }),
    column<R>(10, "vrrpOperAuthKey", T::octets, [](const R&) { return ""; }),  // always, says RFC 2787
    column<R>(11, "vrrpOperAdvertisementInterval", T::integer,
              [](const R& r) { return r.advert_interval_us / 1'000'000; }),
    column<R>(12, "vrrpOperPreemptMode", T::integer, [](const R& r) { return truth(r.preempt); }),
    column<R>(13, "vrrpOperVirtualRouterUpTime", T::ticks, [](const R& r) { return r.up_us / 10'000; }),
    column<R>(14, "vrrpOperProtocol", T::integer, [](const R&) { return 1; }),  // ip
    column<R>(15, "vrrpOperRowStatus", T::integer, [](const R&) { return kActive; }),
};

constexpr Column kAddresses2[] = {
    column<R>(2, "vrrpAssoIpAddrRowStatus", T::integer, [](const R&) { return kActive; }),
};

constexpr Column kRouters2[] = {
    scalar(1, "vrrpRouterChecksumErrors", T::counter, [](const Snapshot& s) { return sum<&R::flaw_checksum>(s); }),
    scalar(2, "vrrpRouterVersionErrors", T::counter, [](const Snapshot& s) { return sum<&R::flaw_version>(s); }),
    scalar(3, "vrrpRouterVrIdErrors", T::counter, [](const Snapshot& s) { return s.foreign_adverts; }),
};

constexpr Column kStatistics2[] = {
    figure<&R::became_master>(1, "vrrpStatsBecomeMaster", T::counter),
    figure<&R::adverts_received>(2, "vrrpStatsAdvertiseRcvd", T::counter),
    figure<&R::flaw_interval>(3, "vrrpStatsAdvertiseIntervalErrors", T::counter),
    figure<&R::flaw_auth_data>(4, "vrrpStatsAuthFailures", T::counter),
    figure<&R::flaw_ttl>(5, "vrrpStatsIpTtlErrors", T::counter),
    figure<&R::resignations_received>(6, "vrrpStatsPriorityZeroPktsRcvd", T::counter),
    figure<&R::resignations_sent>(7, "vrrpStatsPriorityZeroPktsSent", T::counter),
    figure<&R::flaw_type>(8, "vrrpStatsInvalidTypePktsRcvd", T::counter),
    figure<&R::flaw_addresses>(9, "vrrpStatsAddressListErrors", T::counter),
    column<R>(10, "vrrpStatsInvalidAuthType", T::counter, [](const R&) { return 0; }),  // counted as a mismatch
    figure<&R::flaw_auth_type>(11, "vrrpStatsAuthTypeMismatch", T::counter),
    figure<&R::flaw_length>(12, "vrrpStatsPacketLengthErrors", T::counter),
};

bool is_version_2(const R& router) {
  return router.version == 2 && !router.ipv6;
}

// Those that have an interface, each index once.
template <typename Visit>
void for_each(const Snapshot& snapshot, bool version_2, Visit visit) {
  std::set<Oid> seen;
  for (const R& router : snapshot.families) {
    if (router.if_index == 0 || (version_2 && !is_version_2(router))) continue;
    const Oid index = version_2 ? vrrp_index(router) : vrrpv3_index(router);
    if (seen.insert(index).second) visit(router, index);
  }
}
template <bool Version2>
void list(const Snapshot& snapshot, Entries& entries) {
  for_each(snapshot, Version2, [&](const R& router, const Oid& index) { entries.push_back({index, &router}); });
}
template <bool Version2>
void list_addresses(const Snapshot& snapshot, Entries& entries) {
  for_each(snapshot, Version2, [&](const R& router, const Oid& index) {
    std::set<Oid> seen;
    for (const base::IpAddr& ip : router.addresses) {
      Oid whole = index;
      // InetAddress has its length in front, IpAddress has not.
      if constexpr (Version2)
        for (const char byte : octets_of(ip)) whole.push_back(static_cast<unsigned char>(byte));
      else
        append_octets(whole, octets_of(ip));
      if (seen.insert(whole).second) entries.push_back({whole, &router});
    }
  });
}

constexpr Type kThree[] = {T::integer, T::integer, T::integer};
constexpr Type kThreeAndAddress[] = {T::integer, T::integer, T::integer, T::octets};
constexpr Type kTwo[] = {T::integer, T::integer};
constexpr Type kTwoAndAddress[] = {T::integer, T::integer, T::address};

constexpr TableRow kTables[] = {
    {.name = "vrrpv3OperationsTable",
     .doc = "RFC 6527.",
     .oid =
         [] {
           return below(kVrrpv3, {1, 1, 1});
         },
     .columns = kOperations3,
     .index = kThree,
     .list = list<false>},
    {.name = "vrrpv3AssociatedIpAddrTable",
     .doc = "RFC 6527.",
     .oid =
         [] {
           return below(kVrrpv3, {1, 1, 2});
         },
     .columns = kAddresses3,
     .index = kThreeAndAddress,
     .list = list_addresses<false>},
    {.name = "vrrpv3StatisticsTable",
     .doc = "RFC 6527.",
     .oid =
         [] {
           return below(kVrrpv3, {1, 2, 5});
         },
     .columns = kStatistics3,
     .index = kThree,
     .list = list<false>},
    {.name = "vrrpOperTable",
     .doc = "RFC 2787.",
     .oid =
         [] {
           return below(kVrrp, {1, 3});
         },
     .columns = kOperations2,
     .index = kTwo,
     .list = list<true>},
    {.name = "vrrpAssoIpAddrTable",
     .doc = "RFC 2787.",
     .oid =
         [] {
           return below(kVrrp, {1, 4});
         },
     .columns = kAddresses2,
     .index = kTwoAndAddress,
     .list = list_addresses<true>},
    {.name = "vrrpRouterStatsTable",
     .doc = "RFC 2787.",
     .oid =
         [] {
           return below(kVrrp, {2, 4});
         },
     .columns = kStatistics2,
     .index = kTwo,
     .list = list<true>},
};
const Tables kEnrolTables(kTables);

constexpr ScalarRow kScalars[] = {
    {.name = "vrrpv3Statistics",
     .doc = "RFC 6527.",
     .oid =
         [] {
           return below(kVrrpv3, {1, 2});
         },
     .objects = kRouters3,
     .apart = true},
    {.name = "vrrpOperations",
     .doc = "RFC 2787.",
     .oid = [] { return below(kVrrp, {1}); },
     .objects = kNode2,
     .apart = true},
    {.name = "vrrpStatistics",
     .doc = "RFC 2787.",
     .oid = [] { return below(kVrrp, {2}); },
     .objects = kRouters2,
     .apart = true},
};
const Scalars kEnrolScalars(kScalars);

}  // namespace
}  // namespace snmp
