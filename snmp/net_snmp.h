// net-snmp's headers, in the order that they need, and how our values become its variables. Only files that talk to the
// library include this.
#pragma once

#include <net-snmp/net-snmp-config.h>
// The order matters.
#include <net-snmp/net-snmp-includes.h>
//
#include <net-snmp/agent/agent_callbacks.h>
#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <net-snmp/library/large_fd_set.h>

#include "snmp/value.h"

namespace snmp {

// With the setter that belongs to the type: nothing is given to the library as bytes of an unknown width.
void set_variable(netsnmp_variable_list* to, Type type, const Value& value);
unsigned char asn_type(Type type);

}  // namespace snmp
