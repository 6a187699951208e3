// The tables of TANDEM-MIB but for those of the pair and of events (pair_tables.cc).
#include "snmp/object.h"

namespace snmp {
namespace {

using F = Figure;
using T = Type;

template <Figure Which>
struct Read {
  Value operator()(const Traffic& row) const { return row[Which]; }
};
// Traffic is the first base of each row.
template <typename Row, Figure Which>
constexpr Column figure(uint32_t number, std::string_view name, Type type) {
  return column<Row>(number, name, type, Read<Which>());
}
struct Discontinuity {
  template <typename Row>
  Value operator()(const Row&, const Snapshot& snapshot) const {
    return snapshot.discontinuity(DaemonKind::lbd);
  }
};
struct Name {
  Value operator()(const Traffic& row) const { return admin_string(row.name); }
};
struct StatusOf {
  Value operator()(const Traffic& row) const { return enumerated(row.status); }
};
struct ModeOf {
  Value operator()(const Traffic& row) const { return enumerated(row.mode); }
};
struct Address {
  Value operator()(const Traffic& row) const { return admin_string(row.address); }
};

template <typename Row, std::vector<Row> Snapshot::*Rows>
void list_by_index(const Snapshot& snapshot, Entries& entries) {
  for (const Row& row : snapshot.*Rows) entries.push_back({{row.index}, &row});
}
constexpr Type kOneNumber[] = {T::integer};
constexpr Type kTwoNumbers[] = {T::integer, T::integer};

constexpr Column kFrontend[] = {
    column<Frontend>(2, "tandemFrontendName", T::octets, Name()),
    column<Frontend>(3, "tandemFrontendStatus", T::integer, StatusOf()),
    column<Frontend>(4, "tandemFrontendMode", T::integer, ModeOf()),
    figure<Frontend, F::scur>(5, "tandemFrontendSessions", T::gauge),
    figure<Frontend, F::smax>(6, "tandemFrontendSessionsMax", T::gauge),
    figure<Frontend, F::slim>(7, "tandemFrontendSessionsLimit", T::gauge),
    figure<Frontend, F::stot>(8, "tandemFrontendSessionsTotal", T::counter64),
    figure<Frontend, F::rate>(9, "tandemFrontendSessionRate", T::gauge),
    figure<Frontend, F::rate_max>(10, "tandemFrontendSessionRateMax", T::gauge),
    figure<Frontend, F::bin>(11, "tandemFrontendBytesIn", T::counter64),
    figure<Frontend, F::bout>(12, "tandemFrontendBytesOut", T::counter64),
    figure<Frontend, F::dreq>(13, "tandemFrontendRequestsDenied", T::counter64),
    figure<Frontend, F::dresp>(14, "tandemFrontendResponsesDenied", T::counter64),
    figure<Frontend, F::ereq>(15, "tandemFrontendRequestErrors", T::counter64),
    figure<Frontend, F::req_tot>(16, "tandemFrontendRequests", T::counter64),
    figure<Frontend, F::req_rate>(17, "tandemFrontendRequestRate", T::gauge),
    figure<Frontend, F::req_rate_max>(18, "tandemFrontendRequestRateMax", T::gauge),
    figure<Frontend, F::hrsp_1xx>(19, "tandemFrontendResponses1xx", T::counter64),
    figure<Frontend, F::hrsp_2xx>(20, "tandemFrontendResponses2xx", T::counter64),
    figure<Frontend, F::hrsp_3xx>(21, "tandemFrontendResponses3xx", T::counter64),
    figure<Frontend, F::hrsp_4xx>(22, "tandemFrontendResponses4xx", T::counter64),
    figure<Frontend, F::hrsp_5xx>(23, "tandemFrontendResponses5xx", T::counter64),
    figure<Frontend, F::hrsp_other>(24, "tandemFrontendResponsesOther", T::counter64),
    figure<Frontend, F::conn_tot>(25, "tandemFrontendConnections", T::counter64),
    figure<Frontend, F::conn_rate>(26, "tandemFrontendConnectionRate", T::gauge),
    figure<Frontend, F::dcon>(27, "tandemFrontendConnectionsDenied", T::counter64),
    column<Frontend>(28, "tandemFrontendDiscontinuityTime", T::ticks, Discontinuity()),
};

constexpr Column kListener[] = {
    column<Listener>(2, "tandemListenerName", T::octets, Name()),
    column<Listener>(3, "tandemListenerStatus", T::integer, StatusOf()),
    column<Listener>(4, "tandemListenerAddress", T::octets, Address()),
    figure<Listener, F::scur>(5, "tandemListenerSessions", T::gauge),
    figure<Listener, F::smax>(6, "tandemListenerSessionsMax", T::gauge),
    figure<Listener, F::slim>(7, "tandemListenerSessionsLimit", T::gauge),
    figure<Listener, F::stot>(8, "tandemListenerSessionsTotal", T::counter64),
    figure<Listener, F::bin>(9, "tandemListenerBytesIn", T::counter64),
    figure<Listener, F::bout>(10, "tandemListenerBytesOut", T::counter64),
    figure<Listener, F::dreq>(11, "tandemListenerRequestsDenied", T::counter64),
    figure<Listener, F::ereq>(12, "tandemListenerRequestErrors", T::counter64),
    column<Listener>(13, "tandemListenerDiscontinuityTime", T::ticks, Discontinuity()),
};

constexpr Column kBackend[] = {
    column<Backend>(2, "tandemBackendName", T::octets, Name()),
    column<Backend>(3, "tandemBackendStatus", T::integer, StatusOf()),
    column<Backend>(4, "tandemBackendMode", T::integer, ModeOf()),
    column<Backend>(5, "tandemBackendAlgorithm", T::octets, [](const Backend& b) { return admin_string(b.algorithm); }),
    column<Backend>(6, "tandemBackendServers", T::gauge, [](const Backend& b) { return b.servers; }),
    column<Backend>(7, "tandemBackendServersDown", T::gauge, [](const Backend& b) { return b.servers_down; }),
    figure<Backend, F::act>(8, "tandemBackendServersActive", T::gauge),
    figure<Backend, F::bck>(9, "tandemBackendServersBackup", T::gauge),
    figure<Backend, F::weight>(10, "tandemBackendWeight", T::gauge),
    figure<Backend, F::scur>(11, "tandemBackendSessions", T::gauge),
    figure<Backend, F::smax>(12, "tandemBackendSessionsMax", T::gauge),
    figure<Backend, F::slim>(13, "tandemBackendSessionsLimit", T::gauge),
    figure<Backend, F::stot>(14, "tandemBackendSessionsTotal", T::counter64),
    figure<Backend, F::rate>(15, "tandemBackendSessionRate", T::gauge),
    figure<Backend, F::rate_max>(16, "tandemBackendSessionRateMax", T::gauge),
    figure<Backend, F::qcur>(17, "tandemBackendQueue", T::gauge),
    figure<Backend, F::qmax>(18, "tandemBackendQueueMax", T::gauge),
    figure<Backend, F::bin>(19, "tandemBackendBytesIn", T::counter64),
    figure<Backend, F::bout>(20, "tandemBackendBytesOut", T::counter64),
    figure<Backend, F::dreq>(21, "tandemBackendRequestsDenied", T::counter64),
    figure<Backend, F::dresp>(22, "tandemBackendResponsesDenied", T::counter64),
    figure<Backend, F::econ>(23, "tandemBackendConnectErrors", T::counter64),
    figure<Backend, F::eresp>(24, "tandemBackendResponseErrors", T::counter64),
    figure<Backend, F::wretr>(25, "tandemBackendRetries", T::counter64),
    figure<Backend, F::wredis>(26, "tandemBackendRedispatches", T::counter64),
    figure<Backend, F::lbtot>(27, "tandemBackendSelections", T::counter64),
    figure<Backend, F::req_tot>(28, "tandemBackendRequests", T::counter64),
    figure<Backend, F::hrsp_1xx>(29, "tandemBackendResponses1xx", T::counter64),
    figure<Backend, F::hrsp_2xx>(30, "tandemBackendResponses2xx", T::counter64),
    figure<Backend, F::hrsp_3xx>(31, "tandemBackendResponses3xx", T::counter64),
    figure<Backend, F::hrsp_4xx>(32, "tandemBackendResponses4xx", T::counter64),
    figure<Backend, F::hrsp_5xx>(33, "tandemBackendResponses5xx", T::counter64),
    figure<Backend, F::hrsp_other>(34, "tandemBackendResponsesOther", T::counter64),
    figure<Backend, F::cli_abrt>(35, "tandemBackendClientAborts", T::counter64),
    figure<Backend, F::srv_abrt>(36, "tandemBackendServerAborts", T::counter64),
    figure<Backend, F::qtime>(37, "tandemBackendQueueTime", T::gauge),
    figure<Backend, F::ctime>(38, "tandemBackendConnectTime", T::gauge),
    figure<Backend, F::rtime>(39, "tandemBackendResponseTime", T::gauge),
    figure<Backend, F::ttime>(40, "tandemBackendTotalTime", T::gauge),
    figure<Backend, F::chkdown>(41, "tandemBackendDowns", T::counter64),
    figure<Backend, F::downtime>(42, "tandemBackendDowntime", T::gauge),
    figure<Backend, F::lastchg>(43, "tandemBackendLastChange", T::gauge),
    column<Backend>(44, "tandemBackendDiscontinuityTime", T::ticks, Discontinuity()),
};

constexpr Column kServer[] = {
    column<Server>(2, "tandemServerName", T::octets, Name()),
    column<Server>(3, "tandemServerBackendName", T::octets,
                   [](const Server& s) { return admin_string(s.backend_name); }),
    column<Server>(4, "tandemServerStatus", T::integer, StatusOf()),
    column<Server>(5, "tandemServerStatusText", T::octets, [](const Server& s) { return admin_string(s.status_text); }),
    column<Server>(6, "tandemServerAddress", T::octets, Address()),
    figure<Server, F::weight>(7, "tandemServerWeight", T::gauge),
    column<Server>(8, "tandemServerBackup", T::integer, [](const Server& s) { return truth(s[F::bck] > 0); }),
    figure<Server, F::scur>(9, "tandemServerSessions", T::gauge),
    figure<Server, F::smax>(10, "tandemServerSessionsMax", T::gauge),
    figure<Server, F::slim>(11, "tandemServerSessionsLimit", T::gauge),
    figure<Server, F::stot>(12, "tandemServerSessionsTotal", T::counter64),
    figure<Server, F::rate>(13, "tandemServerSessionRate", T::gauge),
    figure<Server, F::rate_max>(14, "tandemServerSessionRateMax", T::gauge),
    figure<Server, F::qcur>(15, "tandemServerQueue", T::gauge),
    figure<Server, F::qmax>(16, "tandemServerQueueMax", T::gauge),
    figure<Server, F::bin>(17, "tandemServerBytesIn", T::counter64),
    figure<Server, F::bout>(18, "tandemServerBytesOut", T::counter64),
    figure<Server, F::econ>(19, "tandemServerConnectErrors", T::counter64),
    figure<Server, F::eresp>(20, "tandemServerResponseErrors", T::counter64),
    figure<Server, F::wretr>(21, "tandemServerRetries", T::counter64),
    figure<Server, F::wredis>(22, "tandemServerRedispatches", T::counter64),
    figure<Server, F::lbtot>(23, "tandemServerSelections", T::counter64),
    figure<Server, F::hrsp_1xx>(24, "tandemServerResponses1xx", T::counter64),
    figure<Server, F::hrsp_2xx>(25, "tandemServerResponses2xx", T::counter64),
    figure<Server, F::hrsp_3xx>(26, "tandemServerResponses3xx", T::counter64),
    figure<Server, F::hrsp_4xx>(27, "tandemServerResponses4xx", T::counter64),
    figure<Server, F::hrsp_5xx>(28, "tandemServerResponses5xx", T::counter64),
    figure<Server, F::hrsp_other>(29, "tandemServerResponsesOther", T::counter64),
    figure<Server, F::cli_abrt>(30, "tandemServerClientAborts", T::counter64),
    figure<Server, F::srv_abrt>(31, "tandemServerServerAborts", T::counter64),
    figure<Server, F::qtime>(32, "tandemServerQueueTime", T::gauge),
    figure<Server, F::ctime>(33, "tandemServerConnectTime", T::gauge),
    figure<Server, F::rtime>(34, "tandemServerResponseTime", T::gauge),
    figure<Server, F::ttime>(35, "tandemServerTotalTime", T::gauge),
    column<Server>(36, "tandemServerCheckResult", T::integer, [](const Server& s) { return enumerated(s.check); }),
    column<Server>(37, "tandemServerCheckStatus", T::octets,
                   [](const Server& s) { return admin_string(s.check_status); }),
    column<Server>(38, "tandemServerCheckText", T::octets, [](const Server& s) { return admin_string(s.check_text); }),
    figure<Server, F::check_code>(39, "tandemServerCheckCode", T::gauge),
    figure<Server, F::check_duration>(40, "tandemServerCheckDuration", T::gauge),
    figure<Server, F::chkfail>(41, "tandemServerCheckFailures", T::counter64),
    figure<Server, F::chkdown>(42, "tandemServerDowns", T::counter64),
    figure<Server, F::downtime>(43, "tandemServerDowntime", T::gauge),
    figure<Server, F::lastchg>(44, "tandemServerLastChange", T::gauge),
    column<Server>(45, "tandemServerDiscontinuityTime", T::ticks, Discontinuity()),
};

constexpr Column kStickTable[] = {
    column<StickTable>(2, "tandemStickTableName", T::octets, [](const StickTable& t) { return admin_string(t.name); }),
    column<StickTable>(3, "tandemStickTableKeyType", T::octets,
                       [](const StickTable& t) { return admin_string(t.type); }),
    column<StickTable>(4, "tandemStickTableSize", T::gauge, [](const StickTable& t) { return t.size; }),
    column<StickTable>(5, "tandemStickTableUsed", T::gauge, [](const StickTable& t) { return t.used; }),
    column<StickTable>(6, "tandemStickTableUsedPercent", T::gauge,
                       [](const StickTable& t) { return t.size > 0 ? t.used * 100 / t.size : 0; }),
};

constexpr Column kCertificate[] = {
    column<Certificate>(2, "tandemCertificateFile", T::octets,
                        [](const Certificate& c) { return admin_string(c.path); }),
    column<Certificate>(3, "tandemCertificateSubject", T::octets,
                        [](const Certificate& c) { return admin_string(c.subject); }),
    column<Certificate>(4, "tandemCertificateIssuer", T::octets,
                        [](const Certificate& c) { return admin_string(c.issuer); }),
    column<Certificate>(5, "tandemCertificateSerial", T::octets,
                        [](const Certificate& c) { return admin_string(c.serial); }),
    column<Certificate>(6, "tandemCertificateInUse", T::integer, [](const Certificate& c) { return truth(c.used); }),
    column<Certificate>(7, "tandemCertificateNotBefore", T::octets,
                        [](const Certificate& c) { return date_and_time(c.not_before); }),
    column<Certificate>(8, "tandemCertificateNotAfter", T::octets,
                        [](const Certificate& c) { return date_and_time(c.not_after); }),
    column<Certificate>(9, "tandemCertificateNotAfterEpoch", T::counter64,
                        [](const Certificate& c) { return c.not_after; }),
    column<Certificate>(10, "tandemCertificateDays", T::integer,
                        [](const Certificate& c, const Snapshot& s) { return c.days_left(s.unix_now()); }),
    column<Certificate>(11, "tandemCertificateOcsp", T::integer,
                        [](const Certificate& c) { return truth(!c.ocsp_key.empty()); }),
    column<Certificate>(12, "tandemCertificateOcspState", T::integer,
                        [](const Certificate& c) { return enumerated(c.ocsp); }),
    column<Certificate>(13, "tandemCertificateOcspNextUpdate", T::octets,
                        [](const Certificate& c) { return date_and_time(c.ocsp_next_update); }),
};

constexpr TableRow kRows[] = {
    {.name = "tandemFrontendTable",
     .doc = "Frontends of lbd.",
     .oid =
         [] {
           return own({1, 3});
         },
     .columns = kFrontend,
     .index = kOneNumber,
     .list = list_by_index<Frontend, &Snapshot::frontends>},
    {.name = "tandemListenerTable",
     .doc = "Listeners of frontends with 'option socket-stats'.",
     .oid =
         [] {
           return own({1, 4});
         },
     .columns = kListener,
     .index = kTwoNumbers,
     .list =
         [](const Snapshot& s, Entries& entries) {
           for (const Listener& one : s.listeners) entries.push_back({{one.frontend, one.index}, &one});
         }},
    {.name = "tandemBackendTable",
     .doc = "Backends of lbd.",
     .oid =
         [] {
           return own({1, 5});
         },
     .columns = kBackend,
     .index = kOneNumber,
     .list = list_by_index<Backend, &Snapshot::backends>},
    {.name = "tandemServerTable",
     .doc = "Servers of backends, with their checks.",
     .oid =
         [] {
           return own({1, 6});
         },
     .columns = kServer,
     .index = kTwoNumbers,
     .list =
         [](const Snapshot& s, Entries& entries) {
           for (const Server& one : s.servers) entries.push_back({{one.backend, one.index}, &one});
         }},
    {.name = "tandemStickTableTable",
     .doc = "Stick tables of lbd.",
     .oid =
         [] {
           return own({1, 7});
         },
     .columns = kStickTable,
     .index = kOneNumber,
     .list = list_by_index<StickTable, &Snapshot::tables>},
    {.name = "tandemCertificateTable",
     .doc = "Certificates of lbd.",
     .oid =
         [] {
           return own({1, 10});
         },
     .columns = kCertificate,
     .index = kOneNumber,
     .list = list_by_index<Certificate, &Snapshot::certificates>},
};
const Tables kEnrol(kRows);

}  // namespace
}  // namespace snmp
