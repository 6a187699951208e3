// Times as the answers of the runtime API have them. Pure. Errors: none.
#pragma once

#include <string>

#include "base/time.h"

namespace lbd::cli {

// "2m26s", "3h1m", "1d": the two largest units, a second one only if there is some of it.
std::string duration_text(base::Nanos duration);
// How long until then; `never` for kNever.
std::string remaining_text(base::MonoTime when, base::MonoTime now, const std::string& never);
// "22/Nov/2026:03:58:41.945056", local time; `digits` of the fraction: 3 or 6.
std::string date_text(base::WallTime when, int digits);

}  // namespace lbd::cli
