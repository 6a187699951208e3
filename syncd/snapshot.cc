#include "syncd/snapshot.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vector>

#include "base/fd.h"
#include "base/time.h"
#include "base/version.h"
#include "ipc/channel.h"
#include "replica/part_link.h"

namespace syncd {
namespace {

constexpr size_t kPiece = 256 * 1024;  // of the file at a time

int64_t now_in_millis() {
  return base::to_millis(base::wall_now().time_since_epoch());
}

// A file that takes the place of the one at `path` with finish(), or was never there.
class NewFile {
 public:
  explicit NewFile(const std::string& path) : path_(path), temporary_(path + ".new") {
    fd_ = base::Fd(open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  }
  ~NewFile() {
    if (fd_ && !finished_) unlink(temporary_.c_str());
  }
  base::Status add(const tandem::Envelope& envelope) {
    if (!fd_) return base::Err(base::Error::from_errno(path_));
    ipc::append_frame(pending_, envelope.SerializeAsString());
    return pending_.size() < kPiece ? base::Status() : flush();
  }
  base::Status finish() {
    TRY(flush());
    if (fsync(fd_.get()) < 0 || rename(temporary_.c_str(), path_.c_str()) < 0)
      return base::Err(base::Error::from_errno(path_));
    finished_ = true;
    return {};
  }

 private:
  base::Status flush() {
    for (std::string_view rest = pending_; !rest.empty();) {
      const ssize_t n = write(fd_.get(), rest.data(), rest.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return base::Err(base::Error::from_errno(path_));
      rest.remove_prefix(static_cast<size_t>(n));
    }
    pending_.clear();
    return {};
  }
  const std::string& path_;
  std::string temporary_, pending_;
  base::Fd fd_;
  bool finished_ = false;
};

}  // namespace

SnapshotReader::SnapshotReader(Knowledge into) : into_(into), decoder_(ipc::ChannelOptions().frame_limit) {}

base::Status SnapshotReader::feed(std::string_view bytes) {
  decoder_.feed(bytes);
  for (;;) {
    const auto payload = TRY(decoder_.next());
    if (!payload) return {};
    tandem::Envelope envelope;
    if (!envelope.ParseFromArray(payload->data(), static_cast<int>(payload->size())))
      return base::Err("this is no snapshot");
    TRY(take(envelope));
  }
}

base::Status SnapshotReader::take(const tandem::Envelope& envelope) {
  if (state_ == State::ended) return base::Err("something stands behind its end");
  if (state_ == State::begin) {
    if (!envelope.has_hello() || envelope.hello().role() != tandem::ROLE_SYNCD) return base::Err("this is no snapshot");
    if (envelope.hello().protocol() != ipc::kProtocol)
      return base::Err(fmt::format("it is of protocol {}, not {}", envelope.hello().protocol(), ipc::kProtocol));
    state_ = State::inside;
    return {};
  }
  if (envelope.has_goodbye()) {
    state_ = State::ended;
  } else if (envelope.has_update()) {
    // What only another version knows, and what there is no room for, is left out.
    if (auto entry = replica::from_wire(envelope.update().entry())) into_.store.merge(std::move(*entry), nullptr);
  } else if (envelope.has_parts()) {
    std::vector<replica::PartStore::News> all;
    const bool proper =
        replica::each_part(envelope.parts(), [&](const replica::PartStore::News& news) { all.push_back(news); });
    into_.parts.put(all, 0, now_in_millis());
    if (!proper) return base::Err("it has parts without a name");
  }
  return {};
}

base::Status read_snapshot(const std::string& path, Knowledge into) {
  const base::Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return base::Err(base::Error::from_errno(path));
  SnapshotReader reader(into);
  std::string piece(kPiece, '\0');
  for (;;) {
    const ssize_t n = read(fd.get(), piece.data(), piece.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return base::Err(base::Error::from_errno(path));
    if (n == 0) break;
    if (auto taken = reader.feed({piece.data(), static_cast<size_t>(n)}); !taken)
      return base::Err(fmt::format("{}: {}", path, taken.error().text));
  }
  if (!reader.whole()) return base::Err(fmt::format("{}: it is cut off", path));
  return {};
}

base::Status write_snapshot(const std::string& path, std::string_view node, Knowledge from) {
  NewFile file(path);
  tandem::Envelope envelope;
  *envelope.mutable_hello() = ipc::make_hello(tandem::ROLE_SYNCD, base::kVersion, node);
  TRY(file.add(envelope));
  uint64_t sequence = 0;
  while (const replica::Record* record = from.store.next_after(sequence)) {
    sequence = record->sequence;
    *envelope.mutable_update()->mutable_entry() = replica::to_wire(record->entry);
    TRY(file.add(envelope));
  }
  replica::PartStore::Cursor cursor(from.parts);
  cursor.rewind(0);
  const auto wanted = [](const replica::PartStore::Part&, std::string_view table) {
    return !table.starts_with(replica::kSecretTables);
  };
  for (;;) {
    replica::PartBatch batch(*envelope.mutable_parts());
    if (batch.fill(from.parts, cursor, now_in_millis(), wanted) == 0) break;
    TRY(file.add(envelope));
  }
  envelope.mutable_goodbye()->set_reason("the end");
  TRY(file.add(envelope));
  return file.finish();
}

}  // namespace syncd
