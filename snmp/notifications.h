// Notifications as messages: what stands in them of an event, and of a standard MIB that knows the same event.
// Thread: that of the loop. Errors: what the library does not take is logged by it.
#pragma once

#include "snmp/snapshot.h"

namespace snmp {

void send_notification(const Event& event, const Snapshot& snapshot);

}  // namespace snmp
