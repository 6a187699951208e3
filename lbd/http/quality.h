// The weight that a client gives to one value of an Accept field (RFC 9110, 12.4.2), in thousandths. Pure.
#pragma once

#include <string_view>

namespace lbd::http {

// Of "gzip;q=0.5": 500. Without a weight, and with one above 1, 1000; 0 where it cannot be read.
int quality_of(std::string_view value);

}  // namespace lbd::http
