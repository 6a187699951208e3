// The picture of both nodes that `lbctl status` prints, made of the daemons' answers. Pure.
#pragma once

#include <string>

#include "lbctl/verdict.h"

namespace lbctl {

std::string render_lbd(const base::Result<Answer>& answer);
std::string render_vrrpd(const base::Result<Answer>& answer, base::WallTime now);
std::string render_syncd(const base::Result<Answer>& answer);
// What the daemons of the other nodes say of themselves.
std::string render_others(const PairAnswers& pair, base::WallTime now);
// All that they said, and the verdict: an object of lbd, vrrpd and syncd, where who did not answer has an "error", and
// in "others" the same of each other node.
std::string render_json(const PairAnswers& pair, const Verdict& verdict);

}  // namespace lbctl
