// What a head counts for where bytes are told: HAProxy counts its internal form of it (in %U, %B, bytes_in, bytes_out,
// req.len), and log analysers and rules compare with that. Pure.
#pragma once

#include "lbd/http/h1_body.h"
#include "lbd/http/head.h"

namespace lbd::http {

size_t counted_request_size(const Head& head);
size_t counted_response_size(const Head& head);
// What the end of a body adds: that of chunks in HTTP/1 one ("\r\n"), trailers their names and values, too.
size_t counted_trailers_size(std::string_view trailers);
// The payload in `bytes`, of which `body` has been fed what came before.
size_t counted_body_size(H1Body body, std::string_view bytes);

}  // namespace lbd::http
