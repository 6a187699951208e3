#include "lbd/table/parts.h"

#include <algorithm>
#include <new>

namespace lbd::table {
namespace {

using config::DataKind;

// Stamps of one microsecond differ by who made them.
constexpr int kStampShift = 12;

uint64_t stamp_at(const char* data, const Field& field) {
  return load<uint64_t>(data + field.stamp);
}

// --- The value as bytes: records of tag (2), element (1), size (1), content; numbers in it as varints.

// Of the name, so that versions with other rows understand each other.
constexpr uint16_t tag_of(std::string_view name) {
  uint32_t hash = 2166136261u;
  for (char c : name) hash = (hash ^ static_cast<uint8_t>(c)) * 16777619u;
  return static_cast<uint16_t>(hash >> 16 ^ hash);
}

constexpr bool tags_differ() {
  for (size_t i = 0; i < config::kDataTypeCount; ++i)
    for (size_t j = 0; j < i; ++j)
      if (tag_of(config::kDataTypes[i].name) == tag_of(config::kDataTypes[j].name)) return false;
  return true;
}
static_assert(tags_differ());

void put_number(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

bool take_number(std::string_view& from, uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (from.empty()) return false;
    const auto byte = static_cast<uint8_t>(from.front());
    from.remove_prefix(1);
    value |= uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

constexpr size_t kRecordHead = 4;
constexpr size_t kLongestName = 200;

// A rate says how old its period is, so that it means the same on a clock that began elsewhere.
void put_rate(std::string& out, const Rate& rate, const Field& field, uint32_t now) {
  const uint32_t age = now - rate.began;
  const bool over = age >= 2 * uint64_t{field.period};
  put_number(out, field.period);
  put_number(out, over ? 0 : age);
  put_number(out, over ? 0 : rate.current);
  put_number(out, over ? 0 : rate.before);
}

bool take_rate(std::string_view& from, Rate& rate, const Field& field, uint32_t now, uint64_t since_written) {
  uint64_t period, age, current, before;
  if (!take_number(from, period) || !take_number(from, age) || !take_number(from, current) ||
      !take_number(from, before))
    return false;
  const bool over = period != field.period || age > 2 * period || since_written > 2 * period;
  if (over || current > UINT32_MAX || before > UINT32_MAX)
    rate = {now, 0, 0};
  else
    rate = {now - static_cast<uint32_t>(age + since_written), static_cast<uint32_t>(current),
            static_cast<uint32_t>(before)};
  return true;
}

bool read_record(std::string_view content, const Field& field, char* data, uint32_t now, uint64_t since_written,
                 const NumberOfName& number_of) {
  uint64_t stamp = 0, value = 0;
  if (!take_number(content, stamp)) return false;
  if (field.stamp) store(data + field.stamp, stamp);
  if (field.kind == DataKind::name) {
    store(data + field.offset, number_of(content));
    return true;
  }
  if (field.kind == DataKind::rate) {
    Rate rate;
    if (!take_rate(content, rate, field, now, since_written)) return false;
    store(data + field.offset, rate);
    return true;
  }
  if (!take_number(content, value)) return false;
  write_number(data + field.offset, field, value, now);
  return true;
}

// Nonsense of another node does not make a large sum small.
uint64_t add(uint64_t a, uint64_t b) {
  return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

}  // namespace

uint64_t read_number(const char* data, const Field& field, uint32_t now) {
  const char* from = data + field.offset;
  switch (field.kind) {
    case DataKind::sum:
      return load<uint64_t>(from);
    case DataKind::rate:
      return load<Rate>(from).read(now, field.period);
    case DataKind::number:
    case DataKind::counter:
    case DataKind::gauge:
    case DataKind::name:
      break;
  }
  return load<uint32_t>(from);
}

void write_number(char* to, const Field& field, uint64_t value, uint32_t now) {
  if (field.kind == DataKind::sum) return store(to, value);
  if (field.kind != DataKind::rate) return store(to, static_cast<uint32_t>(value));
  Rate rate;
  rate.set(static_cast<uint32_t>(std::min<uint64_t>(value, UINT32_MAX)), now);
  store(to, rate);
}

std::string write_part(const Layout& layout, const char* data, uint32_t now, const NameOfNumber& name_of) {
  std::string out;
  for (const Field& field : layout.fields()) {
    const uint16_t tag = tag_of(config::kDataTypes[field.type].name);
    const size_t head = out.size();
    out += static_cast<char>(tag >> 8);
    out += static_cast<char>(tag);
    out += static_cast<char>(field.element);
    out += '\0';
    put_number(out, field.stamp ? stamp_at(data, field) : 0);
    if (field.kind == DataKind::name)
      out += name_of(load<uint32_t>(data + field.offset)).substr(0, kLongestName);
    else if (field.kind == DataKind::rate)
      put_rate(out, load<Rate>(data + field.offset), field, now);
    else
      put_number(out, read_number(data, field, now));
    out[head + kRecordHead - 1] = static_cast<char>(out.size() - head - kRecordHead);
  }
  return out;
}

OwnedPart read_part(const Layout& layout, const News& news, uint32_t now, base::WallTime wall,
                    const NumberOfName& number_of) {
  OwnedPart part(new (::operator new(sizeof(Part) + layout.size() - kSharedHead)) Part);
  part->origin = news.origin;
  part->version = news.version;
  char* data = part->data();
  std::memset(data + kSharedHead, 0, layout.size() - kSharedHead);
  const uint64_t wall_now = micros(wall);
  const uint64_t since_written = wall_now > news.version ? (wall_now - news.version) / 1000 : 0;
  for (std::string_view rest = news.value; !rest.empty();) {
    if (rest.size() < kRecordHead) return nullptr;
    const auto byte = [&](size_t i) { return static_cast<uint8_t>(rest[i]); };
    const auto tag = static_cast<uint16_t>(byte(0) << 8 | byte(1));
    const uint8_t element = byte(2);
    const size_t size = byte(3);
    if (rest.size() - kRecordHead < size) return nullptr;
    const auto& fields = layout.fields();
    auto field = std::find_if(fields.begin(), fields.end(), [&](const Field& one) {
      return one.element == element && tag_of(config::kDataTypes[one.type].name) == tag;
    });
    if (field != fields.end() &&
        !read_record(rest.substr(kRecordHead, size), *field, data, now, since_written, number_of))
      return nullptr;
    rest.remove_prefix(kRecordHead + size);
  }
  return part;
}

uint64_t Parts::sum(const Field& field, uint32_t now) const {
  uint64_t stamp = stamp_at(data_, field);
  uint64_t value = read_number(data_, field, now);
  for (const Part* part = first(); part; part = part->next) {
    const uint64_t its = stamp_at(part->data(), field);
    if (its < stamp) continue;
    const uint64_t number = read_number(part->data(), field, now);
    if (its > stamp)
      value = number;
    else
      value = field.counts() ? add(value, number) : std::max(value, number);
    stamp = its;
  }
  return field.kind == DataKind::sum ? value : std::min<uint64_t>(value, UINT32_MAX);
}

void Parts::set_stamp(const Field& field, base::WallTime now, uint64_t origin) {
  uint64_t latest = stamp_at(data_, field);
  for (const Part* part = first(); part; part = part->next) latest = std::max(latest, stamp_at(part->data(), field));
  const uint64_t who = origin & ((1u << kStampShift) - 1);
  const uint64_t time = std::max(micros(now), (latest >> kStampShift) + 1);
  store(data_ + field.stamp, time << kStampShift | who);
}

// What another process has cleared since starts at zero here, too.
void Parts::yield_to(const Part& part) {
  for (const Field& field : layout_.fields()) {
    if (!field.stamp || !field.counts() || stamp_at(part.data(), field) <= stamp_at(data_, field)) continue;
    store(data_ + field.stamp, stamp_at(part.data(), field));
    write_number(data_ + field.offset, field, 0, 0);
  }
}

bool Parts::put(OwnedPart part) {
  Part *before = nullptr, *oldest_before = nullptr, *oldest = nullptr;
  size_t count = 0;
  for (Part* one = first(); one; before = one, one = one->next, ++count) {
    if (one->origin == part->origin) {
      if (one->version >= part->version) return false;
      part->next = one->next;
      PartDeleter()(one);
      yield_to(*part);
      Part* placed = part.release();
      if (before)
        before->next = placed;
      else
        set_first(placed);
      return true;
    }
    if (!oldest || one->version < oldest->version) oldest = one, oldest_before = before;
  }
  if (count >= kMost) {
    if (oldest->version >= part->version) return false;
    if (oldest_before)
      oldest_before->next = oldest->next;
    else
      set_first(oldest->next);
    PartDeleter()(oldest);
  }
  yield_to(*part);
  part->next = first();
  set_first(part.release());
  return true;
}

void Parts::remove(uint64_t origin, uint64_t version) {
  Part* before = nullptr;
  for (Part* one = first(); one; before = one, one = one->next) {
    if (one->origin != origin) continue;
    if (one->version >= version) return;
    if (before)
      before->next = one->next;
    else
      set_first(one->next);
    return PartDeleter()(one);
  }
}

bool Parts::forget(uint64_t cleared) {
  bool news = false;
  Part* kept = nullptr;
  for (Part* one = first(); one;) {
    Part* next = one->next;
    if (one->version <= cleared) {
      PartDeleter()(one);
      news = true;
    } else {
      one->next = kept;
      kept = one;
    }
    one = next;
  }
  set_first(kept);
  if (load<uint64_t>(data_ + 8) > cleared) return news;
  std::memset(data_ + kSharedHead, 0, layout_.size() - kSharedHead);
  store(data_ + 8, cleared + 1);
  return true;
}

void Parts::clear() {
  for (Part* one = first(); one;) PartDeleter()(std::exchange(one, one->next));
  set_first(nullptr);
}

}  // namespace lbd::table
