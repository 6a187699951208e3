#include "lbd/config/stick_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"
#include "cfg/args.h"
#include "cfg/suggest.h"
#include "lbd/config/section.h"

namespace lbd::config {
namespace {

constexpr std::string_view kKeys[] = {"ip", "ipv6", "integer", "string", "binary"};
constexpr uint32_t kDefaultLength = 32;
constexpr int64_t kMostLength = 16384;
constexpr int64_t kMostElements = 100;

// "a,b(1s),c(2,10s)": at the commas outside of brackets.
std::vector<std::string_view> items_of(std::string_view text) {
  std::vector<std::string_view> out;
  size_t from = 0;
  int depth = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ',';
    depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    if (c != ',' || (depth > 0 && i < text.size())) continue;
    out.push_back(text.substr(from, i - from));
    from = i + 1;
  }
  return out;
}

class Reader {
 public:
  Reader(cfg::Args& args, StickTable& table) : args_(args), table_(table) {}

  bool read() {
    bool typed = false;
    while (!args_.at_end() && !args_.failed()) {
      const cfg::Word& word = *args_.next();
      if (word.text == "type")
        typed = read_key();
      else if (word.text == "size")
        table_.size = args_.take_size({1, int64_t{1} << 40}).value_or(0);
      else if (word.text == "expire")
        table_.expire = args_.take<base::Millis>({1, cfg::kMaxMillis}).value_or(base::Millis(0));
      else if (word.text == "nopurge")
        table_.nopurge = true;
      else if (word.text == "peers")
        table_.peers = args_.take<std::string>().value_or("");
      else if (word.text == "recv-only" || word.text == "write-to")
        read_exchange(word);
      else if (word.text == "srvkey")
        table_.server_key_is_address = args_.take_choice({"name", "addr"}).value_or(0) == 1;
      else if (word.text == "store")
        read_store();
      else
        args_.error_at(word.loc, fmt::format("'{}' is no word of a stick table", word.text),
                       cfg::did_you_mean(word.text, {"type", "size", "expire", "nopurge", "recv-only", "peers",
                                                     "write-to", "srvkey", "store"}));
    }
    if (args_.failed()) return false;
    const cfg::Location end = args_.statement().at(args_.statement().size());
    if (!typed) args_.error_at(end, "the type of the keys is missing", "type ip|ipv6|integer|string|binary");
    if (table_.size == 0) args_.error_at(end, "the size of the table is missing", "size 100k");
    if (table_.nopurge && table_.expire.count() == 0)
      args_.diagnostics().warning(table_.location, "entries that neither expire nor are purged fill the table for ever",
                                  "give 'expire', or leave 'nopurge' out");
    return !args_.failed();
  }

 private:
  void read_exchange(const cfg::Word& word) {
    if (word.text == "recv-only") {
      table_.recv_only = true;
      return;
    }
    table_.write_to = args_.take<std::string>().value_or("");
  }

  bool read_key() {
    auto key = args_.take_choice({std::begin(kKeys), std::end(kKeys)});
    if (!key) return false;
    table_.key = static_cast<StickTable::Key>(*key);
    const bool text = table_.key == StickTable::Key::string || table_.key == StickTable::Key::binary;
    table_.key_length = table_.key == StickTable::Key::ipv6 ? 16 : text ? kDefaultLength : 4;
    if (text && args_.accept("len")) table_.key_length = args_.take<uint32_t>({1, kMostLength}).value_or(1);
    return true;
  }

  void read_store() {
    auto word = args_.take<cfg::Word>();
    if (!word) return;
    for (std::string_view item : items_of(word->text)) read_item(item);
  }

  void read_item(std::string_view item) {
    const size_t open = std::min(item.find('('), item.size());
    const std::string_view name = item.substr(0, open);
    StickTable::Stored stored{.type = data_type(name)};
    if (stored.type == kDataTypeCount) {
      std::vector<std::string_view> known;
      for (const DataType& type : kDataTypes) known.push_back(type.name);
      return args_.error(fmt::format("'{}' is no data of a stick table", name), cfg::did_you_mean(name, known));
    }
    const DataType& type = kDataTypes[stored.type];
    std::vector<std::string_view> given;
    if (open < item.size()) {
      if (item.back() != ')') return args_.error(fmt::format("'{}': ')' is missing", item));
      given = base::split(item.substr(open + 1, item.size() - open - 2), ',');
    }
    const size_t wanted = (type.array ? 1 : 0) + (type.kind == DataKind::rate ? 1 : 0);
    if (given.size() != wanted)
      return args_.error(wanted == 0
                             ? fmt::format("'{}' takes no argument", name)
                             : fmt::format("'{}' is written {}({}{}{})", name, name, type.array ? "NUMBER" : "",
                                           wanted == 2 ? "," : "", type.kind == DataKind::rate ? "PERIOD" : ""));
    if (type.array) {
      auto count = cfg::parse_number(given.front(), {1, kMostElements});
      if (!count) return args_.error(fmt::format("'{}' {}", name, count.error().text));
      stored.count = static_cast<uint32_t>(*count);
    }
    if (type.kind == DataKind::rate) {
      auto period = cfg::parse_time(given.back());
      const auto millis = period ? std::chrono::ceil<base::Millis>(*period) : base::Millis(0);
      if (!period || millis.count() < 1 || millis.count() > cfg::kMaxMillis)
        return args_.error(fmt::format("'{}' needs a period, a time from 1ms on", name));
      stored.period = millis;
    }
    store(stored);
  }

  void store(const StickTable::Stored& stored) {
    const DataType& type = kDataTypes[stored.type];
    if (table_.find(stored.type))
      return args_.diagnostics().warning(args_.last(),
                                         fmt::format("'{}' is stored already, the first counts", type.name));
    for (const StickTable::Stored& other : table_.data) {
      const DataType& that = kDataTypes[other.type];
      if (that.array_name == type.name || type.array_name == that.name)
        return args_.error(fmt::format("'{}' cannot be stored beside '{}'", type.name, that.name),
                           "the array has its elements 0 and 1");
    }
    table_.add(stored);
  }

  cfg::Args& args_;
  StickTable& table_;
};

}  // namespace

const StickTable::Stored* StickTable::find(size_t type) const {
  for (const Stored& stored : data)
    if (stored.type == type) return &stored;
  return nullptr;
}

void StickTable::add(const Stored& stored) {
  if (find(stored.type)) return;
  auto behind = std::find_if(data.begin(), data.end(), [&](const Stored& other) { return other.type > stored.type; });
  data.insert(behind, stored);
}

std::string_view name_of(StickTable::Key key) {
  return kKeys[static_cast<size_t>(key)];
}

bool read_stick_table(cfg::Args& args, StickTable& table) {
  return Reader(args, table).read();
}

}  // namespace lbd::config
