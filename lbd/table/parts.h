// Parts: what several processes say of one entry of a shared table, and how it is one number again.
//
// Each process (this one, the one before a reload, those of other nodes) counts for itself: its part of the entry,
// which nobody else writes. What is read is the sum of the parts, so that nothing is counted twice however often parts
// are told and in whatever order they come: of each process the part with the highest version is kept, whole. A number
// that is set outright (a tag, the server of an entry, a counter that a rule clears) has the time of that as its stamp,
// and parts whose stamp is not the greatest do not count. So the last writer of a tag wins, and a counter that was
// cleared on one node starts at zero on all of them.
// A gauge is what is open now in one process; it is never added.
//
// Owner: the Table; an object of Parts is a view on an entry. Thread: who holds the lock of the entry. Pure but for
// memory. Errors: bytes that are no part give none. Times: 32-bit milliseconds here, wall time between nodes.
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/time.h"
#include "lbd/table/layout.h"
#include "lbd/table/rate.h"

namespace lbd::table {

template <typename T>
T load(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
template <typename T>
void store(char* to, const T& value) {
  std::memcpy(to, &value, sizeof value);
}

// One number in the data of an entry or a part.
uint64_t read_number(const char* data, const Field& field, uint32_t now);
void write_number(char* to, const Field& field, uint64_t value, uint32_t now);

// What another process says of an entry: data laid out as that of the entry behind its head.
struct Part {
  Part* next = nullptr;
  uint64_t origin = 0, version = 0;
  char* data() { return reinterpret_cast<char*>(this + 1) - kSharedHead; }
  const char* data() const { return reinterpret_cast<const char*>(this + 1) - kSharedHead; }
};
struct PartDeleter {
  void operator()(Part* part) const { ::operator delete(part); }
};
using OwnedPart = std::unique_ptr<Part, PartDeleter>;

// What is told to others: of an entry that changed here, and of one that was removed.
struct Change {
  std::string_view key;
  base::Millis life;  // 0: for ever
  std::string value;
};
struct Removal {
  std::string key;
  uint64_t cleared;  // microseconds of wall time
};
inline uint64_t micros(base::WallTime time) {
  return static_cast<uint64_t>(time.time_since_epoch().count());
}

// What others tell.
struct News {
  std::string_view key;
  uint64_t origin = 0;
  uint64_t version = 0;    // microseconds of wall time when it was written
  int64_t deadline = 0;    // milliseconds of wall time; 0: never
  uint64_t cleared = 0;    // parts that are not later than this are void, microseconds of wall time
  std::string_view value;  // empty: only that
};

// The value as bytes: each number with the tag of its type, so that tables that store different data understand each
// other as far as they have the same.
using NumberOfName = std::function<uint32_t(std::string_view)>;
using NameOfNumber = std::function<std::string(uint32_t)>;
std::string write_part(const Layout& layout, const char* data, uint32_t now, const NameOfNumber& name_of);
// Null: these bytes are no part.
OwnedPart read_part(const Layout& layout, const News& news, uint32_t now, base::WallTime wall,
                    const NumberOfName& number_of);

class Parts {
 public:
  // `data`: of the entry, its head first.
  Parts(const Layout& layout, char* data) : layout_(layout), data_(data) {}

  Part* first() const { return load<Part*>(data_); }
  // Parts beyond it are those of processes that ended long ago; the oldest is forgotten.
  static constexpr size_t kMost = 256;

  // Since when this process counts.
  void set_born(base::WallTime now) { store(data_ + 8, micros(now)); }
  uint64_t sum(const Field& field, uint32_t now) const;
  // This process sets the number now: later than whatever it knows of.
  void set_stamp(const Field& field, base::WallTime now, uint64_t origin);
  std::string write(uint32_t now, const NameOfNumber& name_of) const {
    return write_part(layout_, data_, now, name_of);
  }
  // False: a later one, or this one, is here already.
  bool put(OwnedPart part);
  // The process has nothing of this entry any more.
  void remove(uint64_t origin, uint64_t version);
  // Whatever was counted up to that time is void, here as well. False: that was known.
  bool forget(uint64_t cleared);
  void clear();

 private:
  void set_first(Part* part) { store(data_, part); }
  void yield_to(const Part& part);
  const Layout& layout_;
  char* data_;
};

}  // namespace lbd::table
