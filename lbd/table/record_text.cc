#include "lbd/table/record_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/addr.h"
#include "base/strings.h"

namespace lbd::table {

using config::StickTable;

std::string key_text(const Record& record) {
  const Key key = record.key();
  switch (record.table().config().key) {
    case StickTable::Key::ip:
    case StickTable::Key::ipv6: {
      base::IpAddr ip = base::IpAddr::any(key.size() == 4 ? base::Family::v4 : base::Family::v6);
      std::memcpy(ip.bytes.data(), key.data(), key.size());
      return ip.to_string();
    }
    case StickTable::Key::integer: {
      uint32_t number;
      std::memcpy(&number, key.data(), sizeof number);
      return std::to_string(number);
    }
    case StickTable::Key::string:
      return std::string(key);
    case StickTable::Key::binary:
      break;
  }
  std::string hex;
  for (char byte : key) hex += fmt::format("{:02X}", static_cast<uint8_t>(byte));
  return hex;
}

std::optional<std::string> read_key(const Table& table, std::string_view text) {
  switch (table.config().key) {
    case StickTable::Key::ip:
    case StickTable::Key::ipv6: {
      const bool v4 = table.config().key == StickTable::Key::ip;
      const auto ip = base::IpAddr::parse(text);
      if (!ip || ip->is_v4() != v4) return std::nullopt;
      return std::string(reinterpret_cast<const char*>(ip->bytes.data()), ip->length());
    }
    case StickTable::Key::integer: {
      const auto number = base::parse_int<uint32_t>(text);
      if (!number) return std::nullopt;
      return std::string(reinterpret_cast<const char*>(&*number), sizeof *number);
    }
    case StickTable::Key::string:
    case StickTable::Key::binary:
      break;
  }
  if (text.empty()) return std::nullopt;
  return std::string(text.substr(0, table.key_size_of(text.size())));
}

std::string name_of(const StickTable::Stored& stored, uint32_t element) {
  const config::DataType& type = config::kDataTypes[stored.type];
  std::string name(type.name);
  if (type.array) {  // "gpc", or the first part of "gpc_rate", with the number of the element behind it
    const size_t end = std::min(type.name.find('_'), type.name.size());
    name = fmt::format("{}{}{}", type.name.substr(0, end), element, type.name.substr(end));
  }
  if (type.kind == config::DataKind::rate) name += fmt::format("({})", stored.period.count());
  return name;
}

std::string value_text(const Table& table, const Field& field, uint64_t value) {
  if (field.kind != config::DataKind::name) return std::to_string(value);
  const std::string name = table.name_of(static_cast<uint32_t>(value));
  return name.empty() ? "-" : name;
}

}  // namespace lbd::table
