// The picture of this node that `lbctl status` prints, made of the daemons' answers. Pure.
#pragma once

#include <string>

#include "lbctl/query.h"

namespace lbctl {

std::string render_lbd(const base::Result<Answer>& answer);
std::string render_vrrpd(const base::Result<Answer>& answer, base::WallTime now);
std::string render_syncd(const base::Result<Answer>& answer);
// All that they said, as an object of lbd, vrrpd and syncd; who did not answer has an "error".
std::string render_json(const base::Result<Answer>& lbd, const base::Result<Answer>& vrrpd,
                        const base::Result<Answer>& syncd);

}  // namespace lbctl
