// What a head counts for where bytes are told: HAProxy counts its internal form of it (in %U, %B, bytes_in, bytes_out,
// req.len), and log analysers and rules compare with that. Pure.
#pragma once

#include "lbd/http/head.h"

namespace lbd::http {

size_t counted_request_size(const Head& head);
size_t counted_response_size(const Head& head);

}  // namespace lbd::http
