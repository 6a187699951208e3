// The picture of this node that `lbctl status` prints, made of the daemons' answers. Pure.
#pragma once

#include <string>

#include "lbctl/query.h"

namespace lbctl {

std::string render_lbd(const base::Result<Answer>& answer);
std::string render_vrrpd(const base::Result<Answer>& answer, base::WallTime now);
std::string render_syncd(const base::Result<Answer>& answer);

}  // namespace lbctl
