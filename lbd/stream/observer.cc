#include "lbd/stream/observer.h"

#include <array>

namespace lbd::stream {
namespace {

struct Row {
  bool failure;
  bool of_layer7_only;  // `observe layer4` does not see it
  std::string_view text;
};

const Row& row_of(Outcome outcome) {
  static constexpr std::array<Row, 8> kRows = {{
      {false, false, {}},
      {true, false, "L4 unsuccessful connection"},
      {false, true, {}},
      {true, true, "Wrong http response"},
      {true, true, "Invalid http response (headers)"},
      {true, true, "Close from server (http)"},
      {true, true, "Read error (http)"},
      {true, true, "Read timeout (http)"},
  }};
  return kRows[static_cast<size_t>(outcome)];
}

}  // namespace

void Observer::note(server::Server& server, Outcome outcome) {
  const config::Server& line = server.config();
  const bool layer7 = line.observe == "layer7";
  if (!home_ || !line.check.enabled || (!layer7 && line.observe != "layer4")) return;
  const Row& row = row_of(outcome);
  if (row.of_layer7_only && !layer7) return;
  if (!row.failure) {
    // A connection is no sign that the server answers well.
    const bool means_well = !layer7 || outcome == Outcome::good_answer;
    if (means_well && server.failures_in_a_row.load(std::memory_order_relaxed) > 0) server.failures_in_a_row = 0;
    return;
  }
  // The one that reaches the limit reports.
  if (server.failures_in_a_row.fetch_add(1) + 1 != line.error_limit) return;
  server.failures_in_a_row = 0;
  home_->post([this, &server, &row] { supervisor_->traffic_failed(server, row.text, base::mono_now()); });
}

}  // namespace lbd::stream
