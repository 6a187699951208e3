// JSON of messages and texts. Pure.
#pragma once

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <string>
#include <string_view>

namespace lbctl {

inline std::string json_of(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string text;
  return google::protobuf::util::MessageToJsonString(message, &text, options).ok() ? text : "{}";
}

// In quotes.
inline std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (static_cast<unsigned char>(c) < 0x20)
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    else
      (c == '"' || c == '\\' ? out += '\\' : out) += c;
  }
  return out + '"';
}

}  // namespace lbctl
