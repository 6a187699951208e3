#include "snmp/notifications.h"

#include "snmp/event_columns.h"
#include "snmp/net_snmp.h"
#include "snmp/virtual_router.h"

namespace snmp {
namespace {

// The variables of one notification; the first says which it is.
class Message {
 public:
  explicit Message(const Oid& which) {
    static const Oid kTrapOid = {1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0};
    snmp_varlist_add_variable(&variables_, kTrapOid.data(), kTrapOid.size(), ASN_OBJECT_ID, which.data(),
                              which.size() * sizeof(oid));
  }
  ~Message() { snmp_free_varbind(variables_); }
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;

  void add(const Oid& name, Type type, const Value& value) {
    netsnmp_variable_list* last =
        snmp_varlist_add_variable(&variables_, name.data(), name.size(), ASN_NULL, nullptr, 0);
    if (last) set_variable(last, type, value);
  }
  void send() { send_v2trap(variables_); }

 private:
  netsnmp_variable_list* variables_ = nullptr;
};

void append(Oid& to, const Oid& more) {
  to.insert(to.end(), more.begin(), more.end());
}

// vrrpv3NewMaster of RFC 6527, and vrrpTrapNewMaster of RFC 2787 for version 2.
void send_new_master(const Event& event, const Snapshot& snapshot) {
  for (const VirtualRouter& router : snapshot.families) {
    if (router.name != event.object || router.state != VrrpState::master) continue;
    if (router.version == 2 && !router.ipv6) {
      Message old(below(kVrrp, {0, 1}));
      Oid master = below(kVrrp, {1, 3, 1, 7});
      append(master, vrrp_index(router));
      old.add(master, Type::address, octets_of(router.master.is_v4() ? router.master : base::IpAddr::v4(0)));
      old.send();
    }
    Message message(below(kVrrpv3, {0, 1}));
    Oid master = below(kVrrpv3, {1, 1, 1, 1, 3}), reason = below(kVrrpv3, {1, 2, 5, 1, 2});
    append(master, vrrpv3_index(router));
    append(reason, vrrpv3_index(router));
    message.add(master, Type::octets, octets_of(router.master));
    message.add(reason, Type::integer, new_master_reason(router));
    message.send();
  }
}

}  // namespace

void send_notification(const Event& event, const Snapshot& snapshot) {
  Message message(own({0, static_cast<SubId>(event.kind)}));
  for (const Column& column : kEventColumns)
    message.add(own({1, 11, 1, column.number, event.sequence}), column.type, column.read(&event, snapshot));
  message.send();
  if (event.kind == EventKind::failover) send_new_master(event, snapshot);
}

}  // namespace snmp
