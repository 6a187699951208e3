// What -v, -vv and -dK print. Scripts parse the first line as HAProxy's. Pure. Thread: any.
#pragma once

#include <string>
#include <string_view>

namespace lbd {

std::string version_number();                        // "3.4.0-tandem-0.1.0"
std::string version_text();                          // -v
std::string build_text();                            // -vv, with version_text() in front
std::string keyword_text(std::string_view classes);  // -dK: "help", "all", or classes with commas between

}  // namespace lbd
