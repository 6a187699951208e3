// What lbd's runtime API answers, as parts of a snapshot: `show info`, `show stat`, `show table`, `show ssl cert`.
//
// Columns are found by their names in the head, so that an lbd or haproxy with more or fewer of them is read as well.
// Pure. Thread: any one. Errors: an answer that is none (a refusal, half a line) leaves out what it does not tell;
// read_*() are false when there was nothing of the kind at all.
#pragma once

#include <string_view>
#include <vector>

#include "snmp/indices.h"
#include "snmp/snapshot.h"

namespace snmp {

bool read_info(std::string_view text, Snapshot& to);
bool read_stat(std::string_view text, Indices& indices, Snapshot& to);
bool read_tables(std::string_view text, Indices& indices, Snapshot& to);
std::vector<std::string> read_certificate_list(std::string_view text);
bool read_certificate(std::string_view text, Certificate& to);
// The answer that is stapled to it, as of `now`.
bool read_ocsp(std::string_view text, int64_t now, Certificate& to);
// Of 'show ids' and 'show reloads', which haproxy does not know.
std::vector<Indices::Fixed> read_ids(std::string_view text);
bool read_reloads(std::string_view text, Snapshot& to);

// "Nov 22 11:02:54 2026 GMT"; 0: it is none.
int64_t parse_certificate_time(std::string_view text);

// What of `show stat` may change without traffic: to see cheaply whether something went down.
std::string digest_of_states(std::string_view stat);

}  // namespace snmp
