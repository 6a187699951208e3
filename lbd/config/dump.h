// The words that the language knows, from the registries: what `-dK cfg` prints, in the form that HAProxy's editors'
// plug-ins and configuration generators read.
// Pure. Thread: any. HAProxy management guide, section 3, "-dK".
#pragma once

#include <string>

namespace lbd::config {

std::string list_keywords();

}  // namespace lbd::config
