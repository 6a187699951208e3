// Metrics of time spent in queue, connection, waiting for the response and altogether, in milliseconds: averaged over
// about the last 1024 exchanges, and the longest.
#include "lbd/stats/readers.h"

namespace lbd::stats {
namespace {

using server::Counters;

template <double History::Times::*Member>
Value average(const Object& object) {
  History::Times times = object.source.history().times(object.slot);
  return Value::u32(times.samples > 0 ? static_cast<uint64_t>(times.*Member / times.samples + 0.5) : 0);
}

constexpr Metric kRows[] = {
    {.name = "qtime",
     .doc = "Average time in the queue, of the last 1024 exchanges",
     .position = 58,
     .tags = "MaP",
     .scopes = kBackside,
     .prometheus = "queue_time_average_seconds",
     .read = average<&History::Times::queue>},
    {.name = "ctime",
     .doc = "Average time to connect, of the last 1024 exchanges",
     .position = 59,
     .tags = "MaP",
     .scopes = kBackside,
     .prometheus = "connect_time_average_seconds",
     .read = average<&History::Times::connect>},
    {.name = "rtime",
     .doc = "Average time to the response, of the last 1024 exchanges",
     .position = 60,
     .tags = "MaP",
     .scopes = kBackside,
     .prometheus = "response_time_average_seconds",
     .read = average<&History::Times::response>},
    {.name = "ttime",
     .doc = "Average time of the whole exchange, of the last 1024",
     .position = 61,
     .tags = "MaP",
     .scopes = kBackside,
     .prometheus = "total_time_average_seconds",
     .read = average<&History::Times::total>},
    {.name = "qtime_max",
     .doc = "Longest time in the queue",
     .position = 90,
     .tags = "MMP",
     .scopes = kBackside,
     .prometheus = "max_queue_time_seconds",
     .read = maximum<&Counters::queue_time_max_ms>},
    {.name = "ctime_max",
     .doc = "Longest time to connect",
     .position = 91,
     .tags = "MMP",
     .scopes = kBackside,
     .prometheus = "max_connect_time_seconds",
     .read = maximum<&Counters::connect_time_max_ms>},
    {.name = "rtime_max",
     .doc = "Longest time to the response",
     .position = 92,
     .tags = "MMP",
     .scopes = kBackside,
     .prometheus = "max_response_time_seconds",
     .read = maximum<&Counters::response_time_max_ms>},
    {.name = "ttime_max",
     .doc = "Longest exchange",
     .position = 93,
     .tags = "MMP",
     .scopes = kBackside,
     .prometheus = "max_total_time_seconds",
     .read = maximum<&Counters::total_time_max_ms>},
};
const base::Registered<Metric> kEnrol(kRows);

}  // namespace
}  // namespace lbd::stats
