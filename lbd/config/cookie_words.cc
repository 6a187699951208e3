// The words `cookie`, of proxies, and `dynamic-cookie-key`. Manual: 4.2 cookie.
#include <fmt/format.h>

#include <algorithm>

#include "lbd/config/proxy_word.h"

namespace lbd::config {
namespace {

// In the order in which they stand behind the cookie.
struct Attributes {
  std::string domains;
  bool http_only = false, secure = false;
  std::string others;

  std::string text() const { return domains + (http_only ? "; HttpOnly" : "") + (secure ? "; Secure" : "") + others; }
};

bool take_domain(cfg::Args& args, Attributes& attributes) {
  auto domain = args.take<std::string>();
  if (!domain) return false;
  if (domain->find('.', 1) == std::string::npos)
    args.warning(fmt::format("domain '{}' contains no embedded dot: browsers may refuse the cookie", *domain),
                 "see RFC 6265, 5.2.3");
  attributes.domains += "; domain=" + *domain;
  return true;
}

bool take_attribute(cfg::Args& args, Attributes& attributes) {
  auto text = args.take<std::string>();
  if (!text) return false;
  const auto wrong = std::find_if(text->begin(), text->end(),
                                  [](char c) { return c == ';' || static_cast<unsigned char>(c) < 32 || c == 127; });
  if (wrong != text->end()) {
    args.error(fmt::format("'cookie': character '%x{:02X}' is not permitted in an attribute",
                           static_cast<unsigned>(static_cast<unsigned char>(*wrong))));
    return false;
  }
  attributes.others += "; " + *text;
  return true;
}

void set_cookie(cfg::Args& args, Proxy& proxy) {
  if (args.at_end()) return args.error("'cookie' expects the name of the cookie");
  static const std::vector<std::string_view> kOptions = {"insert",   "rewrite",  "prefix",   "indirect", "nocache",
                                                         "postonly", "preserve", "httponly", "secure",   "dynamic",
                                                         "domain",   "maxidle",  "maxlife",  "attr"};
  Cookie cookie;
  Attributes attributes;
  cookie.name = args.next()->text;
  while (!args.at_end()) {
    auto option = args.take_choice(kOptions);
    if (!option) return;
    const std::string_view name = kOptions[*option];
    if (*option < 3) {
      const auto mode = static_cast<Cookie::Mode>(*option + 1);
      if (cookie.mode != Cookie::Mode::observe && cookie.mode != mode)
        return args.error("'cookie' takes only one of 'rewrite', 'insert' and 'prefix'");
      cookie.mode = mode;
    } else if (name == "domain") {
      if (!take_domain(args, attributes)) return;
    } else if (name == "attr") {
      if (!take_attribute(args, attributes)) return;
    } else if (name == "maxidle" || name == "maxlife") {
      auto time = args.take<base::Seconds>();
      if (!time) return;
      (name == "maxidle" ? cookie.max_idle : cookie.max_life) = *time;
    } else if (name == "httponly") {
      attributes.http_only = true;
    } else if (name == "secure") {
      attributes.secure = true;
    } else {
      (name == "indirect"   ? cookie.indirect
       : name == "nocache"  ? cookie.nocache
       : name == "postonly" ? cookie.postonly
       : name == "preserve" ? cookie.preserve
                            : cookie.dynamic) = true;
    }
  }
  if (cookie.mode == Cookie::Mode::rewrite && cookie.indirect)
    return args.error("'cookie': 'rewrite' and 'indirect' exclude each other");
  if (cookie.preserve && cookie.mode != Cookie::Mode::insert && !cookie.indirect)
    return args.error("'cookie': 'preserve' needs 'insert' or 'indirect'");
  cookie.attributes = attributes.text();
  proxy.cookie = std::move(cookie);
}

constexpr ProxyWord kRows[] = {
    {.name = "cookie", .doc = "Cookie that binds a client to a server.", .sections = kBackendSide, .set = set_cookie},
    {.name = "dynamic-cookie-key",
     .doc = "Secret that dynamic cookies are made with.",
     .sections = kBackendSide,
     .set = cfg::field<&Proxy::dynamic_cookie_key>()},
};
const base::Registered<ProxyWord> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
