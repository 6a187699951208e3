#include "lbd/dns/message.h"

#include <algorithm>

#include "base/strings.h"

namespace lbd::dns {
namespace {

constexpr size_t kHeader = 12, kMaxLabel = 63;
constexpr uint16_t kInternet = 1;
constexpr uint16_t kResponse = 0x8000, kTruncated = 0x0200, kRecursionDesired = 0x0100, kCodeMask = 0x000f;

void put16(std::string& out, uint32_t value) {
  out += static_cast<char>(value >> 8);
  out += static_cast<char>(value);
}

// A cursor over a message; after the first mistake it stays failed and gives zeros.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  bool failed() const { return failed_; }
  size_t at() const { return at_; }

  uint8_t octet() {
    if (at_ >= bytes_.size()) {
      failed_ = true;
      return 0;
    }
    return static_cast<uint8_t>(bytes_[at_++]);
  }
  uint16_t number() {
    const uint32_t high = octet();
    return static_cast<uint16_t>(high << 8 | octet());
  }
  std::string_view take(size_t size) {
    if (failed_ || size > bytes_.size() - at_) {
      failed_ = true;
      return {};
    }
    at_ += size;
    return bytes_.substr(at_ - size, size);
  }

  // A name, of which the rest may stand earlier in the message. Each pointer must point before all that was read of
  // this name, so that there is an end to it.
  std::string name() {
    std::string text;
    size_t back_to = 0, limit = at_;
    bool jumped = false;
    while (!failed_) {
      const size_t here = at_;
      const uint8_t size = octet();
      if (size == 0) break;
      if ((size & 0xc0) == 0xc0) {
        const size_t target = static_cast<size_t>(size & 0x3f) << 8 | octet();
        if (!jumped) back_to = at_;
        jumped = true;
        if (target >= limit || target < kHeader) failed_ = true;
        limit = target;
        at_ = target;
        continue;
      }
      if (size > kMaxLabel) failed_ = true;
      const std::string_view label = take(size);
      if (!text.empty()) text += '.';
      for (char c : label) {
        // What would read like two labels, or like nothing, is no host of anybody's.
        if (c == '.' || c == '\0') failed_ = true;
        text += base::to_lower(c);
      }
      if (text.size() > kMaxName || here >= bytes_.size()) failed_ = true;
    }
    if (jumped) at_ = back_to;
    return text;
  }

 private:
  std::string_view bytes_;
  size_t at_ = 0;
  bool failed_ = false;
};

base::IpAddr ip_of(std::string_view bytes) {
  base::IpAddr ip{bytes.size() == 4 ? base::Family::v4 : base::Family::v6, {}};
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(ip.bytes.data()));
  return ip;
}

// False: it is not one of those that are wanted.
bool read_record(Reader& reader, Record& record) {
  record.owner = reader.name();
  record.type = static_cast<Type>(reader.number());
  const uint16_t klass = reader.number();
  reader.take(4);  // time to live: `hold` says how long answers count
  const uint16_t size = reader.number();
  const size_t end = reader.at() + size;
  bool wanted = klass == kInternet;
  switch (record.type) {
    case Type::a:
    case Type::aaaa: {
      const std::string_view bytes = reader.take(size);
      wanted = wanted && bytes.size() == (record.type == Type::a ? 4u : 16u);
      if (wanted) record.ip = ip_of(bytes);
      break;
    }
    case Type::cname:
      record.target = reader.name();
      break;
    case Type::srv:
      record.priority = reader.number();
      record.weight = reader.number();
      record.port = reader.number();
      record.target = reader.name();
      break;
    case Type::opt:
    default:
      wanted = false;
      reader.take(size);
      break;
  }
  if (!reader.failed() && reader.at() != end) reader.take(~size_t{0});  // its length was a lie
  return wanted;
}

void read_records(Reader& reader, size_t count, std::vector<Record>& records) {
  for (size_t i = 0; i < count && !reader.failed(); ++i) {
    Record record;
    if (read_record(reader, record) && !reader.failed()) records.push_back(std::move(record));
  }
}

}  // namespace

base::Result<std::string> canonical_name(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  if (text.empty() || text.size() > kMaxName) return base::Err("no name");
  for (std::string_view label : base::split(text, '.'))
    if (label.empty() || label.size() > kMaxLabel) return base::Err("a label of the name is empty or too long");
  std::string name(text);
  for (char& c : name) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '\x7f') return base::Err("a control character in the name");
    c = base::to_lower(c);
  }
  return name;
}

std::string encode_labels(std::string_view name) {
  std::string out;
  for (std::string_view label : base::split(name, '.')) {
    out += static_cast<char>(label.size());
    out += label;
  }
  return out;
}

std::string encode_query(uint16_t id, std::string_view name, Type type, uint32_t payload) {
  const bool edns = payload > kMinPayload;
  std::string out;
  put16(out, id);
  put16(out, kRecursionDesired);
  put16(out, 1);
  put16(out, 0);
  put16(out, 0);
  put16(out, edns ? 1 : 0);
  out += encode_labels(name);
  out += '\0';
  put16(out, static_cast<uint32_t>(type));
  put16(out, kInternet);
  if (edns) {
    out += '\0';
    put16(out, static_cast<uint32_t>(Type::opt));
    put16(out, payload);
    put16(out, 0);
    put16(out, 0);
    put16(out, 0);
  }
  return out;
}

base::Result<Message> decode_response(std::string_view bytes) {
  Reader reader(bytes);
  Message message;
  message.id = reader.number();
  const uint16_t flags = reader.number();
  const size_t questions = reader.number(), answers = reader.number(), authorities = reader.number(),
               additional = reader.number();
  if (reader.failed()) return base::Err("shorter than a header");
  if (!(flags & kResponse)) return base::Err("it is no answer");
  if (questions != 1) return base::Err("not the answer to one question");
  message.truncated = flags & kTruncated;
  message.code = static_cast<Code>(flags & kCodeMask);
  message.name = reader.name();
  message.type = static_cast<Type>(reader.number());
  if (reader.number() != kInternet) return base::Err("the question is of another class");
  std::vector<Record> unused;
  read_records(reader, answers, message.answers);
  read_records(reader, authorities, unused);
  read_records(reader, additional, message.additional);
  // What was cut off is not there; the rest is not taken for the whole.
  if (reader.failed() && !message.truncated) return base::Err("the records end too early, or are none");
  return message;
}

}  // namespace lbd::dns
