// Der: a reader of DER (X.690) elements, for the few facts of certificates and keys that are wanted from thousands of
// files at load, where OpenSSL's decoders cost a millisecond each. Pure; borrows the bytes. Thread: any.
// Errors: an element that is cut off or is not the expected one gives nothing, and so does all behind it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace lbd::tls {

class Der {
 public:
  // Tags as they stand in the first byte.
  static constexpr uint8_t kInteger = 0x02, kBits = 0x03, kOctets = 0x04, kOid = 0x06, kUtf8 = 0x0c, kSequence = 0x30,
                           kSet = 0x31, kPrintable = 0x13, kTeletex = 0x14, kIa5 = 0x16, kUtcTime = 0x17,
                           kGeneralizedTime = 0x18;
  static constexpr uint8_t context(uint8_t number) { return static_cast<uint8_t>(0xa0 | number); }

  struct Element {
    uint8_t tag = 0;
    std::string_view body;
    std::string_view whole;  // with its header
  };

  explicit Der(std::string_view bytes) : rest_(bytes) {}

  bool at_end() const { return rest_.empty(); }
  uint8_t peek() const { return rest_.empty() ? 0 : static_cast<uint8_t>(rest_.front()); }
  std::optional<Element> next();
  // The next element, if it has this tag.
  std::optional<Element> take(uint8_t tag);
  // Passes over the next element, if it has this tag.
  void skip(uint8_t tag) {
    if (peek() == tag) next();
  }

 private:
  std::string_view rest_;
};

}  // namespace lbd::tls
