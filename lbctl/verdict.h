// Verdict: whether this node and the pair are well, and what is not: what the daemons of this node say, and what those
// of the other one say of themselves. Pure.
//
// The numbers are the exit codes of `lbctl status`, for scripts.
#pragma once

#include <string>
#include <vector>

#include "lbctl/certificates.h"
#include "lbctl/query.h"

namespace lbctl {

enum class Health : int {
  well = 0,
  degraded = 1,  // it serves, but something is down, or the other node could not follow
  failed = 2,    // this node could not serve, or does not
  unknown = 3,   // no daemon answers
};

struct Verdict {
  Health health = Health::well;
  std::vector<std::string> reasons;        // the worst first
  std::vector<std::string> warnings = {};  // what is well, but will not stay so
};

struct Limits {
  base::WallTime now = base::wall_now();
  uint32_t certificate_days = kCertificateDays;  // so long before its end a certificate is worth a warning
};

Verdict judge(const PairAnswers& pair, const Limits& limits = {});
std::string_view name_of(Health health);
// One line: "pair   degraded: …", "pair   well, but …".
std::string render_verdict(const Verdict& verdict);

}  // namespace lbctl
