// The parts of a request target, and the parameters of a query. Pure; nothing is copied, nothing decoded.
//
// A target is a path with a query ("/a?x=1"), a URI ("http://host/a?x=1"), an authority ("host:443") or "*"
// (RFC 9112, 3.2). A view with null data says that the target has no such part; an empty one with data, that it is
// there and empty.
#pragma once

#include <cstddef>
#include <string_view>

namespace lbd::http {

std::string_view path_of(std::string_view target);            // "/a/b"
std::string_view path_and_query_of(std::string_view target);  // "/a/b?x=1"
std::string_view query_of(std::string_view target);           // "x=1"
std::string_view scheme_of(std::string_view target);          // "http" of a URI
// "user@host:port" between "//" and the path of a URI, or the whole of an authority.
std::string_view authority_of(std::string_view target);

struct HostPort {
  std::string_view host;  // without the brackets of an IPv6 address
  std::string_view port;  // "" when there is none
};
// Of an authority or a Host field; the user is left off.
HostPort split_authority(std::string_view authority);

struct Pair {
  std::string_view name, value;
};
// The next "name=value" from `at` on; what has no '=' is passed over. Any of `delimiters` ends a parameter; HAProxy
// also begins a new one at each '?'. False: no more.
bool next_param(std::string_view query, size_t& at, Pair& param, std::string_view delimiters = "&;?");
// The first parameter of that name in the target, behind the first `delimiter` (manual: url_param). Null data: none.
std::string_view url_param(std::string_view target, std::string_view name, char delimiter = '?');

}  // namespace lbd::http
