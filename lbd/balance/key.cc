#include "lbd/balance/key.h"

#include <fmt/format.h>

#include <cstring>

#include "base/strings.h"
#include "lbd/balance/rdp_cookie.h"
#include "lbd/expr/expr.h"
#include "lbd/http/uri.h"

namespace lbd::balance {
namespace {

class SourceKey : public Key {
 public:
  std::optional<uint32_t> hash(expr::Transaction& transaction, const HashType& type) const override {
    const base::IpAddr& ip = transaction.src.ip;
    if (ip.is_v4()) return type.of_number(ip.v4_host_order());
    if (!ip.is_v6()) return std::nullopt;
    uint32_t folded = 0;
    for (size_t i = 0; i < 16; i += 4)
      folded ^= uint32_t{ip.bytes[i]} << 24 | uint32_t{ip.bytes[i + 1]} << 16 | uint32_t{ip.bytes[i + 2]} << 8 |
                ip.bytes[i + 3];
    return type.of_number(folded);
  }
};

class UriKey : public Key {
 public:
  bool whole = false, path_only = false;
  uint32_t length = 0, depth = 0;  // 0: no limit

  std::optional<uint32_t> hash(expr::Transaction& transaction, const HashType& type) const override {
    if (!transaction.request) return std::nullopt;
    std::string_view uri = transaction.request->target;
    if (path_only) uri = http::path_and_query_of(uri);
    size_t end = 0, slashes = 0;
    while (end < uri.size() && (length == 0 || end < length)) {
      if (uri[end] == '?' && !whole) break;
      if (uri[end] == '/' && depth > 0 && ++slashes > depth) break;
      ++end;
    }
    return type.of_bytes(uri.substr(0, end));
  }
};

class ParamKey : public Key {
 public:
  std::string name;
  bool in_body = false;

  std::optional<uint32_t> hash(expr::Transaction& transaction, const HashType& type) const override {
    if (!transaction.request) return std::nullopt;
    std::string_view value = find(http::query_of(transaction.request->target));
    if (!value.data() && in_body && transaction.request->method == http::Method::post)
      value = find(transaction.payload);
    if (!value.data()) return std::nullopt;
    return type.of_bytes(value);
  }

 private:
  // The value as it stands between '=' and '&'; null data: no such parameter.
  std::string_view find(std::string_view query) const {
    size_t at = 0;
    for (http::Pair param; http::next_param(query, at, param, "&");)
      if (param.name == name) return param.value;
    return {};
  }
};

class HeaderKey : public Key {
 public:
  std::string name;  // lower case
  bool domain_only = false;

  std::optional<uint32_t> hash(expr::Transaction& transaction, const HashType& type) const override {
    const http::Header* header = transaction.request ? transaction.request->headers.find(name) : nullptr;
    if (!header) return std::nullopt;
    // Of a list the first element.
    std::string_view value = base::trim(header->value.substr(0, header->value.find(',')));
    if (value.empty()) return std::nullopt;
    return type.of_bytes(domain_only ? domain_of(value) : value);
  }

 private:
  // "1wt" of "haproxy.1wt.eu:80": the label before the last.
  static std::string_view domain_of(std::string_view host) {
    host = host.substr(0, host.find(':'));
    size_t last = host.rfind('.');
    if (last == std::string_view::npos) return host;
    host = host.substr(0, last);
    size_t before = host.rfind('.');
    return before == std::string_view::npos ? host : host.substr(before + 1);
  }
};

// The routing token of a remote desktop client: TPKT and X.224 headers, then "Cookie: name=value" and a line end.
class RdpCookieKey : public Key {
 public:
  std::string name = "mstshash";

  std::optional<uint32_t> hash(expr::Transaction& transaction, const HashType& type) const override {
    const auto value = rdp_cookie(transaction.payload, name);
    return value ? std::optional(type.of_bytes(*value)) : std::nullopt;
  }
};

class ExprKey : public Key {
 public:
  expr::Storage storage;
  const expr::Expr* expression = nullptr;

  std::optional<uint32_t> hash(expr::Transaction& transaction, const HashType& type) const override {
    expr::Value value;
    if (expression->eval_as(expr::Type::binary, transaction, value) != expr::Found::yes) return std::nullopt;
    return type.of_bytes(value.view());
  }
};

// The words behind the algorithm's, one by one.
class Words {
 public:
  Words(const config::Balance& balance, cfg::Diagnostics& diagnostics)
      : balance_(balance), diagnostics_(diagnostics), split_(split_algorithm(balance.algorithm)) {}

  const AlgorithmWord& algorithm() const { return split_; }
  const cfg::Word* next() { return at_ < balance_.arguments.size() ? &balance_.arguments[at_++] : nullptr; }
  bool accept(std::string_view word) {
    bool is = at_ < balance_.arguments.size() && balance_.arguments[at_] == word;
    at_ += is;
    return is;
  }
  bool number(uint32_t& to) {
    const cfg::Word* word = next();
    auto value = word ? base::parse_int<uint32_t>(word->text) : std::nullopt;
    if (!value || *value == 0) return fail("expects a number of at least 1");
    to = *value;
    return true;
  }
  // The argument in brackets, which must be there and closed.
  bool name(std::string& to) {
    if (!split_.brackets || !split_.closed || split_.argument.empty()) return fail("expects a name in brackets");
    to = split_.argument;
    return true;
  }
  bool no_brackets() { return !split_.brackets || fail("takes no brackets"); }
  bool end() {
    const cfg::Word* word = next();
    return !word || fail(fmt::format("does not know '{}'", word->text));
  }
  bool fail(std::string_view what) {
    const cfg::Location& where = at_ > 0 ? balance_.arguments[at_ - 1].loc : balance_.location;
    diagnostics_.error(where, fmt::format("'balance {}' {}", split_.name, what));
    return false;
  }

 private:
  const config::Balance& balance_;
  cfg::Diagnostics& diagnostics_;
  AlgorithmWord split_;
  size_t at_ = 0;
};

bool read(Words& words, SourceKey&) {
  return words.no_brackets() && words.end();
}

bool read(Words& words, UriKey& key) {
  if (!words.no_brackets()) return false;
  while (true) {
    if (words.accept("whole"))
      key.whole = true;
    else if (words.accept("path-only"))
      key.path_only = true;
    else if (words.accept("len")) {
      if (!words.number(key.length)) return false;
    } else if (words.accept("depth")) {
      if (!words.number(key.depth)) return false;
    } else
      return words.end();
  }
}

bool read(Words& words, ParamKey& key) {
  const cfg::Word* name = words.next();
  if (!words.no_brackets()) return false;
  if (!name) return words.fail("expects the name of a parameter");
  key.name = name->text;
  if (words.accept("check_post")) {
    key.in_body = true;
    words.next();  // an old limit, which HAProxy ignores too
  }
  return words.end();
}

bool read(Words& words, HeaderKey& key) {
  if (!words.name(key.name)) return false;
  key.name = base::lower(key.name);
  key.domain_only = words.accept("use_domain_only");
  return words.end();
}

bool read(Words& words, RdpCookieKey& key) {
  if (words.algorithm().brackets && !words.name(key.name)) return false;
  return words.end();
}

template <typename T>
std::unique_ptr<Key> compile_as(Words& words) {
  auto key = std::make_unique<T>();
  return read(words, *key) ? std::move(key) : nullptr;
}

std::unique_ptr<Key> compile_expression(Words& words, const config::Config& config, const config::Proxy& proxy,
                                        cfg::Diagnostics& diagnostics, expr::PatternFiles* files) {
  const cfg::Word* word = words.next();
  if (!word) {
    words.fail("expects an expression");
    return nullptr;
  }
  auto key = std::make_unique<ExprKey>();
  expr::CompileContext context(config, proxy, key->storage, diagnostics, files);
  key->expression = expr::parse_expr(context, *word, expr::phase::kServerChoice);
  if (!key->expression || !words.end()) return nullptr;
  return key;
}

}  // namespace

std::unique_ptr<Key> Key::compile(const config::Config& config, const config::Proxy& proxy,
                                  cfg::Diagnostics& diagnostics, expr::PatternFiles* files) {
  Words words(proxy.balance, diagnostics);
  std::string_view name = words.algorithm().name;
  if (name == "source") return compile_as<SourceKey>(words);
  if (name == "uri") return compile_as<UriKey>(words);
  if (name == "url_param") return compile_as<ParamKey>(words);
  if (name == "hdr") return compile_as<HeaderKey>(words);
  if (name == "rdp-cookie") return compile_as<RdpCookieKey>(words);
  return compile_expression(words, config, proxy, diagnostics, files);
}

}  // namespace lbd::balance
