#include "lbd/config/check.h"

#include <algorithm>
#include <vector>

#include "base/registry.h"

namespace lbd::config {

void check(const Config& config, cfg::Diagnostics& diagnostics) {
  std::vector<const CheckRow*> rows;
  base::Registered<CheckRow>::for_each([&](const CheckRow& row) { rows.push_back(&row); });
  std::sort(rows.begin(), rows.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
  for (const CheckRow* row : rows) row->run(config, diagnostics);
}

const cfg::Diagnostic* first_error(const cfg::Diagnostics& diagnostics) {
  for (const cfg::Diagnostic& one : diagnostics.all())
    if (one.severity == cfg::Severity::alert) return &one;
  return nullptr;
}

}  // namespace lbd::config
