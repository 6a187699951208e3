// DNS messages: a question as bytes, and the answer taken apart (RFC 1035, 2782 SRV, 3596 AAAA, 6891 EDNS).
//
// Names are kept in lower case, without the dot at their end. Pure. Thread: any. Errors: a Result that says what is
// wrong with the bytes; records of other types and classes are passed over.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/addr.h"
#include "base/result.h"

namespace lbd::dns {

enum class Type : uint16_t { a = 1, cname = 5, aaaa = 28, srv = 33, opt = 41 };

enum class Code : uint8_t {
  no_error = 0,
  format = 1,
  server_failure = 2,
  nx_domain = 3,
  not_implemented = 4,
  refused = 5
};

struct Record {
  Type type = Type::a;
  std::string owner;
  base::IpAddr ip;                              // a, aaaa
  std::string target;                           // cname, srv
  uint16_t priority = 0, weight = 0, port = 0;  // srv
  bool operator==(const Record&) const = default;
};

struct Message {
  uint16_t id = 0;
  bool truncated = false;
  Code code = Code::no_error;
  std::string name;  // of the question
  Type type = Type::a;
  std::vector<Record> answers, additional;
};

inline constexpr size_t kMaxName = 253, kMaxMessage = 65535;
inline constexpr uint32_t kMinPayload = 512;

// Lower case, without the dot at the end; an Error when it is no name that can be asked for.
base::Result<std::string> canonical_name(std::string_view text);

// "www.test" as "\3www\4test".
std::string encode_labels(std::string_view name);

// `name` is canonical. `payload`: the largest answer over UDP, announced when it is more than every server sends
// anyway.
std::string encode_query(uint16_t id, std::string_view name, Type type, uint32_t payload);

base::Result<Message> decode_response(std::string_view bytes);

}  // namespace lbd::dns
