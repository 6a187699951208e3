#include "lbd/http/uri.h"

namespace lbd::http {
namespace {

constexpr size_t kNone = std::string_view::npos;

size_t path_start(std::string_view target) {
  if (target.starts_with('/')) return 0;
  size_t scheme = target.find("://");
  if (scheme == kNone) return kNone;
  size_t path = target.find_first_of("/?", scheme + 3);
  return path != kNone && target[path] == '/' ? path : kNone;
}

}  // namespace

std::string_view path_and_query_of(std::string_view target) {
  size_t start = path_start(target);
  return start == kNone ? std::string_view() : target.substr(start);
}

std::string_view path_of(std::string_view target) {
  std::string_view all = path_and_query_of(target);
  return all.substr(0, all.find('?'));
}

std::string_view query_of(std::string_view target) {
  size_t at = target.find('?');
  return at == kNone ? std::string_view() : target.substr(at + 1);
}

std::string_view scheme_of(std::string_view target) {
  if (target.starts_with('/')) return {};
  size_t end = target.find("://");
  return end == kNone ? std::string_view() : target.substr(0, end);
}

std::string_view authority_of(std::string_view target) {
  if (target.starts_with('/') || target.starts_with('*')) return {};
  size_t scheme = target.find("://");
  if (scheme != kNone) target.remove_prefix(scheme + 3);
  return target.substr(0, target.find_first_of("/?"));
}

HostPort split_authority(std::string_view authority) {
  if (size_t user = authority.rfind('@'); user != kNone) authority.remove_prefix(user + 1);
  if (authority.starts_with('[')) {
    size_t bracket = authority.find(']');
    if (bracket == kNone) return {authority, {}};
    std::string_view rest = authority.substr(bracket + 1);
    if (rest.starts_with(':')) rest.remove_prefix(1);
    return {authority.substr(1, bracket - 1), rest};
  }
  size_t colon = authority.find(':');
  if (colon == kNone) return {authority, {}};
  // More than one colon and no brackets: an IPv6 address as some clients write it.
  if (authority.find(':', colon + 1) != kNone) return {authority, {}};
  return {authority.substr(0, colon), authority.substr(colon + 1)};
}

bool next_param(std::string_view query, size_t& at, Pair& param, std::string_view delimiters) {
  while (at < query.size()) {
    size_t end = query.find_first_of(delimiters, at);
    if (end == kNone) end = query.size();
    std::string_view pair = query.substr(at, end - at);
    at = end + 1;
    size_t equal = pair.find('=');
    if (equal == kNone) continue;
    param = {pair.substr(0, equal), pair.substr(equal + 1)};
    return true;
  }
  return false;
}

std::string_view url_param(std::string_view target, std::string_view name, char delimiter) {
  size_t at = target.find(delimiter);
  if (at == kNone) return {};
  ++at;
  const char delimiters[] = {'&', ';', delimiter};
  Pair param;
  while (next_param(target, at, param, {delimiters, sizeof delimiters}))
    if (param.name == name) return param.value;
  return {};
}

}  // namespace lbd::http
