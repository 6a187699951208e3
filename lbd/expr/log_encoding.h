// Encoder: the values of a log format as JSON or CBOR (%{+json}o, %{+cbor}o; manual 3.0: 8.2.6). CBOR is printed in
// hexadecimal, so that every log target takes it, or as it is (+bin).
//
// What has no name in a format that is encoded as a whole is left out, as is its literal text. Text that is not UTF-8
// is taken for Latin-1 in JSON. Owner: whoever prints one line. Errors: none; what does not fit is cut off. RFC 8259,
// 8949.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/arena.h"

namespace lbd::expr {

class Printer;

enum class Encoding : uint8_t { none, json, cbor };

class Encoder {
 public:
  Encoder(Printer& out, Encoding encoding, bool raw, base::Arena& arena)
      : out_(out), arena_(arena), json_(encoding == Encoding::json), raw_(raw) {}

  void null();
  void boolean(bool value);
  void number(int64_t value);
  void text(std::string_view value);
  void bytes(std::string_view value);  // JSON: in hexadecimal
  void begin_map();
  void key(std::string_view name);  // before each value of a map
  void end_map();
  void begin_list();
  void item();  // before each value of a list
  void end_list();

 private:
  void byte(uint8_t value);
  void head(uint8_t major, uint64_t value);  // of a CBOR data item
  void all(std::string_view value);

  Printer& out_;
  base::Arena& arena_;
  bool json_, raw_;
  bool first_ = true;
};

}  // namespace lbd::expr
