// Ring: the last lines of a log, as many as fit in its size, for those who look later (`show events NAME`) and for
// those who take each line as it comes (RingFeeder). The oldest make room; nobody ever waits for a reader.
//
// `buf0` is always there: what happens to the process (EventLog). Others are `ring` sections, filled through the
// targets of `log ring@NAME` lines. Life: as long as the process. Thread: any. Errors: a line that does not fit is
// refused. Manual: 3.9; management.txt 9.3, show events.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "lbd/log/ring_file.h"

namespace lbd::log {

class Ring final : public base::SyslogSink {
 public:
  struct Line {
    uint64_t number = 0;  // from 0
    std::string text;
  };
  struct Options {
    std::string name, description;
    size_t size = 16384;            // bytes of all lines
    size_t most_of_a_line = 16384;  // longer ones are cut
  };

  // `file`: where the lines are put too; null: nowhere.
  explicit Ring(Options options, std::unique_ptr<RingFile> file = nullptr)
      : options_(std::move(options)), file_(std::move(file)) {}
  const Options& options() const { return options_; }

  bool put(std::string_view header, std::string_view text) override;
  // Up to `most` lines from `number` on; those that were overwritten are skipped.
  std::vector<Line> from(uint64_t number, size_t most) const;
  // The number of the next line.
  uint64_t next() const;
  // Called once, with the next line, in whatever thread that has; at once when `number` is there already.
  void call_at(uint64_t number, std::function<void()> call) const;
  // Lines that a reader who wants all of them has missed.
  void count_dropped(uint64_t lines) const { dropped_.fetch_add(lines, std::memory_order_relaxed); }
  uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  const Options options_;
  const std::unique_ptr<RingFile> file_;
  mutable std::mutex mutex_;
  std::deque<std::string> lines_;
  size_t bytes_ = 0;
  uint64_t next_ = 0;
  mutable std::vector<std::function<void()>> calls_;
  mutable std::atomic<uint64_t> dropped_{0};
};

}  // namespace lbd::log
