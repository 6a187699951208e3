// StickTable: what a `stick-table` line, or a `table` line of a peers section, says; and the rows of what an entry of a
// table can store. From a row follow the word behind `store`, the fetches sc_X, sc0_X, src_X, the converter table_X,
// what `show table`, `set table` and its filters call it, and which event of a stream raises it: a new one is a row.
//
// Life: rows are constant; a StickTable belongs to Config and never changes after link(). Thread: any.
// Manual: 4.2 stick-table, 7.3.3 sc_*.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "cfg/diag.h"
#include "lbd/config/status_codes.h"

namespace cfg {
class Args;
}

namespace lbd::config {

enum class DataKind : uint8_t {
  number,   // 32 bits, that rules or commands set
  counter,  // 32 bits
  sum,      // 64 bits
  gauge,    // 32 bits: how many there are now
  rate,     // 12 bytes: a sliding window
  name,     // of a server
};

// What happens to a tracked stream, and raises the data that follows it.
enum class DataEvent : uint8_t { none, connection, session, request, error, failure, bytes_in, bytes_out, glitch };
inline constexpr size_t kDataEvents = 9;

struct DataType {
  std::string_view name;  // as `store`, `show table` and `data.X` call it
  std::string_view doc;
  DataKind kind;
  DataEvent event = DataEvent::none;
  bool array = false;          // gpt(2): several of them
  std::string_view fetch{};    // X of sc_X and src_X; "": there is none
  std::string_view convert{};  // X of table_X
  std::string_view rate{};     // sc_inc_X raises this one, too
  // Without it, this element of that array is meant.
  std::string_view array_name{};
  uint8_t element = 0;
  bool kilobytes = false;  // fetches give it in units of 1024
};

// In the order in which `show table` writes them.
inline constexpr DataType kDataTypes[] = {
    {.name = "server_id",
     .doc = "The id of the server that an entry sticks to.",
     .kind = DataKind::number,
     .convert = "server_id"},
    {.name = "gpt0",
     .doc = "The first general purpose tag.",
     .kind = DataKind::number,
     .fetch = "get_gpt0",
     .convert = "gpt0",
     .array_name = "gpt"},
    {.name = "gpc0",
     .doc = "The first general purpose counter.",
     .kind = DataKind::counter,
     .fetch = "get_gpc0",
     .convert = "gpc0",
     .rate = "gpc0_rate",
     .array_name = "gpc"},
    {.name = "gpc0_rate",
     .doc = "How often the first general purpose counter was raised.",
     .kind = DataKind::rate,
     .fetch = "gpc0_rate",
     .convert = "gpc0_rate",
     .array_name = "gpc_rate"},
    {.name = "conn_cnt",
     .doc = "Connections.",
     .kind = DataKind::counter,
     .event = DataEvent::connection,
     .fetch = "conn_cnt",
     .convert = "conn_cnt"},
    {.name = "conn_rate",
     .doc = "Connections a period.",
     .kind = DataKind::rate,
     .event = DataEvent::connection,
     .fetch = "conn_rate",
     .convert = "conn_rate"},
    {.name = "conn_cur",
     .doc = "Connections now.",
     .kind = DataKind::gauge,
     .event = DataEvent::connection,
     .fetch = "conn_cur",
     .convert = "conn_cur"},
    {.name = "sess_cnt",
     .doc = "Sessions: connections that were accepted.",
     .kind = DataKind::counter,
     .event = DataEvent::session,
     .fetch = "sess_cnt",
     .convert = "sess_cnt"},
    {.name = "sess_rate",
     .doc = "Sessions a period.",
     .kind = DataKind::rate,
     .event = DataEvent::session,
     .fetch = "sess_rate",
     .convert = "sess_rate"},
    {.name = "http_req_cnt",
     .doc = "HTTP requests.",
     .kind = DataKind::counter,
     .event = DataEvent::request,
     .fetch = "http_req_cnt",
     .convert = "http_req_cnt"},
    {.name = "http_req_rate",
     .doc = "HTTP requests a period.",
     .kind = DataKind::rate,
     .event = DataEvent::request,
     .fetch = "http_req_rate",
     .convert = "http_req_rate"},
    {.name = "http_err_cnt",
     .doc = "HTTP errors that clients caused.",
     .kind = DataKind::counter,
     .event = DataEvent::error,
     .fetch = "http_err_cnt",
     .convert = "http_err_cnt"},
    {.name = "http_err_rate",
     .doc = "HTTP errors that clients caused, a period.",
     .kind = DataKind::rate,
     .event = DataEvent::error,
     .fetch = "http_err_rate",
     .convert = "http_err_rate"},
    {.name = "bytes_in_cnt",
     .doc = "Bytes from clients.",
     .kind = DataKind::sum,
     .event = DataEvent::bytes_in,
     .fetch = "kbytes_in",
     .convert = "kbytes_in",
     .kilobytes = true},
    {.name = "bytes_in_rate",
     .doc = "Bytes from clients a period.",
     .kind = DataKind::rate,
     .event = DataEvent::bytes_in,
     .fetch = "bytes_in_rate",
     .convert = "bytes_in_rate"},
    {.name = "bytes_out_cnt",
     .doc = "Bytes to clients.",
     .kind = DataKind::sum,
     .event = DataEvent::bytes_out,
     .fetch = "kbytes_out",
     .convert = "kbytes_out",
     .kilobytes = true},
    {.name = "bytes_out_rate",
     .doc = "Bytes to clients a period.",
     .kind = DataKind::rate,
     .event = DataEvent::bytes_out,
     .fetch = "bytes_out_rate",
     .convert = "bytes_out_rate"},
    {.name = "gpc1",
     .doc = "The second general purpose counter.",
     .kind = DataKind::counter,
     .fetch = "get_gpc1",
     .convert = "gpc1",
     .rate = "gpc1_rate",
     .array_name = "gpc",
     .element = 1},
    {.name = "gpc1_rate",
     .doc = "How often the second general purpose counter was raised.",
     .kind = DataKind::rate,
     .fetch = "gpc1_rate",
     .convert = "gpc1_rate",
     .array_name = "gpc_rate",
     .element = 1},
    {.name = "server_key", .doc = "The name or address of the server that an entry sticks to.", .kind = DataKind::name},
    {.name = "http_fail_cnt",
     .doc = "HTTP errors of servers.",
     .kind = DataKind::counter,
     .event = DataEvent::failure,
     .fetch = "http_fail_cnt",
     .convert = "http_fail_cnt"},
    {.name = "http_fail_rate",
     .doc = "HTTP errors of servers a period.",
     .kind = DataKind::rate,
     .event = DataEvent::failure,
     .fetch = "http_fail_rate",
     .convert = "http_fail_rate"},
    {.name = "gpt",
     .doc = "General purpose tags.",
     .kind = DataKind::number,
     .array = true,
     .fetch = "get_gpt",
     .convert = "gpt"},
    {.name = "gpc",
     .doc = "General purpose counters.",
     .kind = DataKind::counter,
     .array = true,
     .fetch = "get_gpc",
     .convert = "gpc",
     .rate = "gpc_rate"},
    {.name = "gpc_rate",
     .doc = "How often general purpose counters were raised.",
     .kind = DataKind::rate,
     .array = true,
     .fetch = "gpc_rate",
     .convert = "gpc_rate"},
    {.name = "glitch_cnt",
     .doc = "Oddities of front connections.",
     .kind = DataKind::counter,
     .event = DataEvent::glitch,
     .fetch = "glitch_cnt",
     .convert = "glitch_cnt"},
    {.name = "glitch_rate",
     .doc = "Oddities of front connections a period.",
     .kind = DataKind::rate,
     .event = DataEvent::glitch,
     .fetch = "glitch_rate",
     .convert = "glitch_rate"},
};
inline constexpr size_t kDataTypeCount = std::size(kDataTypes);

// The position of a row; kDataTypeCount: there is none of that name.
constexpr size_t data_type(std::string_view name) {
  size_t at = 0;
  while (at < kDataTypeCount && kDataTypes[at].name != name) ++at;
  return at;
}

// What an answer with this status is: an error of the client, a failure of the server, both or neither.
template <typename Raise>
void for_events_of_status(int status, const StatusCodes& errors, const StatusCodes& failures, Raise raise) {
  if (errors.has(status)) raise(DataEvent::error);
  if (failures.has(status)) raise(DataEvent::failure);
}

struct StickTable {
  enum class Key : uint8_t { ip, ipv6, integer, string, binary };
  struct Stored {
    size_t type = 0;         // position in kDataTypes
    uint32_t count = 1;      // of an array
    base::Millis period{0};  // of a rate
  };

  std::string name;  // that of its section; "peers/name" in a peers section
  cfg::Location location;
  Key key = Key::ip;
  uint32_t key_length = 0;  // bytes, of string and binary the most
  uint64_t size = 0;        // entries
  base::Millis expire{0};   // 0: never
  bool nopurge = false, recv_only = false;
  bool server_key_is_address = false;  // srvkey addr
  std::string peers;                   // the section whose nodes have it, too
  std::string write_to;
  const StickTable* written_to = nullptr;  // the table of that name: it gets what nodes set, too
  std::vector<Stored> data;                // by type
  size_t index = 0;                        // position in Config::stick_tables

  // Other nodes have it, too.
  bool shared() const { return !peers.empty(); }
  const Stored* find(size_t type) const;
  // Stores it, too, if it does not yet.
  void add(const Stored& stored);
};

std::string_view name_of(StickTable::Key key);

// The words behind `stick-table`, or behind the name in a peers section. False after an error.
bool read_stick_table(cfg::Args& args, StickTable& table);

}  // namespace lbd::config
