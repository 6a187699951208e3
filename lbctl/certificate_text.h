// What `lbctl cert` prints. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "lbctl/certificates.h"

namespace lbctl {

// A line for each, and which node told nothing, or not of all.
std::string render_list(const std::vector<NodeCertificates>& nodes, uint32_t days, base::WallTime now);
// All that is known of each; the lists have details.
std::string render_details(const std::vector<NodeCertificates>& nodes, uint32_t days, base::WallTime now);
// An object: "nodes", each with "error" or how many it has, and "certificates".
std::string render_certificates_json(const std::vector<NodeCertificates>& nodes, uint32_t days, base::WallTime now);

}  // namespace lbctl
