// What -v, -vv, -dL and -dC print. Scripts parse the first line as HAProxy's. Pure. Thread: any.
#pragma once

#include <string>
#include <string_view>

#include "lbd/config/config.h"

namespace lbd {

std::string version_number();                           // "3.4.0-tandem-0.1.0"
std::string version_text();                             // -v
std::string build_text();                               // -vv, with version_text() in front
std::string library_text();                             // -dL
std::string source_text(const config::Config& config);  // -dC: the files as they were read

}  // namespace lbd
