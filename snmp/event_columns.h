// The columns of tandemEventTable: rows of the table, and what every notification carries.
// Thread: that of the loop. Errors: none.
#pragma once

#include "snmp/object.h"

namespace snmp {

inline constexpr Column kEventColumns[] = {
    column<Event>(2, "tandemEventSequence", Type::gauge, [](const Event& e) { return e.sequence; }),
    column<Event>(3, "tandemEventKind", Type::integer, [](const Event& e) { return enumerated(e.kind); }),
    column<Event>(4, "tandemEventTime", Type::octets,
                  [](const Event& e) {
                    return date_and_time(e.time_us / 1'000'000, static_cast<int>(e.time_us / 100'000 % 10));
                  }),
    column<Event>(5, "tandemEventNode", Type::octets, [](const Event& e) { return admin_string(e.node); }),
    column<Event>(6, "tandemEventObject", Type::octets, [](const Event& e) { return admin_string(e.object); }),
    column<Event>(7, "tandemEventText", Type::octets, [](const Event& e) { return admin_string(e.text); }),
};

}  // namespace snmp
