// Which answers are compressed, for whom, and which requests; and what their heads say then.
//
// Pure functions on heads. Thread: any. Errors: what is in doubt is not compressed. Manual: 4.2 compression; RFC 9110,
// 12.5.3 (Accept-Encoding), 8.8.3 (ETag).
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "lbd/config/compression.h"
#include "lbd/http/head.h"

namespace lbd::compression {

using Algorithm = config::Compression::Algorithm;

// As `compression algo` names it.
std::string_view name_of(Algorithm algorithm);
// What the client takes of what is offered; nothing: the answer stays as it is. Of those that it likes equally the
// first that it names is taken; "*" takes the last that is offered [HAProxy].
std::optional<Algorithm> choose(const std::vector<Algorithm>& offered, const http::Head& request);
// Whether the answer may be compressed, and is worth it.
bool permits(const http::Head& answer, const std::vector<std::string>& types, uint64_t least);
bool permits_request(const http::Head& request, const std::vector<std::string>& types, uint64_t least);
// The fields of a compressed message; its body will be in chunks.
void edit(http::Head& answer, Algorithm algorithm);
void edit_request(http::Head& request, Algorithm algorithm);

}  // namespace lbd::compression
