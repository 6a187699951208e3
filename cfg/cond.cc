#include "cfg/cond.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/registry.h"
#include "base/strings.h"
#include "cfg/suggest.h"

namespace cfg {
namespace {

constexpr int kMaxDepth = 64;

class Parser {
 public:
  Parser(std::string_view text, const CondContext& context) : text_(text), context_(context) {}

  CondResult run() {
    skip_blanks();
    if (pos_ == text_.size()) return result_;
    bool value = disjunction(0);
    if (result_.ok && pos_ < text_.size()) fail(pos_, "unexpected text behind the condition");
    result_.value = result_.ok && value;
    return result_;
  }

 private:
  void skip_blanks() {
    while (pos_ < text_.size() && base::is_space(text_[pos_])) ++pos_;
  }
  bool accept(std::string_view token) {
    skip_blanks();
    if (!text_.substr(pos_).starts_with(token)) return false;
    pos_ += token.size();
    skip_blanks();
    return true;
  }
  bool fail(size_t at, std::string text) {
    if (result_.ok) result_ = {false, false, std::move(text), {}, at};
    return false;
  }

  bool disjunction(int depth) {
    bool value = conjunction(depth);
    while (result_.ok && accept("||")) {
      bool right = conjunction(depth);
      value = value || right;
    }
    return value;
  }
  bool conjunction(int depth) {
    bool value = term(depth);
    while (result_.ok && accept("&&")) {
      bool right = term(depth);
      value = value && right;
    }
    return value;
  }
  bool term(int depth) {
    if (depth > kMaxDepth) return fail(pos_, "the condition is nested too deeply");
    if (accept("!")) return !term(depth + 1);
    const size_t begin = pos_;
    if (accept("(")) {
      bool value = disjunction(depth + 1);
      if (result_.ok && !accept(")")) return fail(begin, "this parenthesis is not closed");
      return value;
    }
    return predicate();
  }
  bool predicate();
  bool arguments(std::vector<std::string>& out);

  std::string_view text_;
  const CondContext& context_;
  size_t pos_ = 0;
  CondResult result_;
};

// Behind "name(": words up to the parenthesis, commas between, quotes and backslashes as in the manual's 2.2.
bool Parser::arguments(std::vector<std::string>& out) {
  const size_t begin = pos_ - 1;
  std::string current;
  char quote = 0;
  for (; pos_ < text_.size(); ++pos_) {
    const char c = text_[pos_];
    if (c == '\\' && quote != '\'' && pos_ + 1 < text_.size()) {
      current += text_[++pos_];
    } else if (quote) {
      if (c == quote)
        quote = 0;
      else
        current += c;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == ',') {
      out.push_back(std::move(current));
      current.clear();
    } else if (c == ')') {
      ++pos_;
      if (!current.empty() || !out.empty()) out.push_back(std::move(current));
      return true;
    } else {
      current += c;
    }
  }
  return fail(begin, "this parenthesis is not closed");
}

bool Parser::predicate() {
  const size_t begin = pos_;
  while (pos_ < text_.size() && (base::is_digit(text_[pos_]) || text_[pos_] == '_' || text_[pos_] == '-' ||
                                 (base::to_lower(text_[pos_]) >= 'a' && base::to_lower(text_[pos_]) <= 'z')))
    ++pos_;
  std::string_view name = text_.substr(begin, pos_ - begin);
  if (name.empty()) return fail(begin, "a condition is expected here");
  if (auto number = base::parse_int<int64_t>(name)) return *number != 0;
  const Predicate* row = base::Registered<Predicate>::find(name);
  if (!row) {
    std::vector<std::string_view> known;
    base::Registered<Predicate>::for_each([&](const Predicate& each) { known.push_back(each.name); });
    fail(begin, "unknown predicate '" + std::string(name) + "'");
    result_.hint = did_you_mean(name, known);
    return false;
  }
  std::vector<std::string> found;
  if (pos_ < text_.size() && text_[pos_] == '(') {
    ++pos_;
    if (!arguments(found)) return false;
  }
  if (found.size() > row->max_arguments || found.size() < row->min_arguments)
    return fail(begin, "'" + std::string(name) + "' does not take " + std::to_string(found.size()) + " arguments");
  found.resize(std::max(found.size(), row->max_arguments));
  return row->test(found, context_);
}

bool contains(const std::vector<std::string_view>& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

// OpenSSL's old letters count as one more component: 1.1.1a < 1.1.1b.
std::array<int64_t, 4> ssl_version(std::string_view text) {
  std::array<int64_t, 4> out{};
  for (size_t i = 0; i < 3 && !text.empty(); ++i) {
    size_t end = 0;
    while (end < text.size() && base::is_digit(text[end])) ++end;
    out[i] = base::parse_int<int64_t>(text.substr(0, end)).value_or(0);
    text.remove_prefix(end);
    if (text.starts_with('.')) {
      text.remove_prefix(1);
    } else {
      if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') out[3] = text[0] - 'a' + 1;
      break;
    }
  }
  return out;
}

using Words = std::span<const std::string>;

constexpr Predicate kPredicates[] = {
    {"defined", "defined(NAME): the environment variable exists, whatever it holds.", 0, 1,
     [](Words a, const CondContext& c) { return c.environment.get(a[0]).has_value(); }},
    {"feature", "feature(NAME): the build has the feature, as -vv lists it.", 1, 1,
     [](Words a, const CondContext& c) { return c.platform.has(a[0]); }},
    {"enabled", "enabled(NAME): the run-time option is on, such as EPOLL or SPLICE.", 1, 1,
     [](Words a, const CondContext& c) { return contains(c.platform.enabled, a[0]); }},
    {"streq", "streq(A,B): the texts are equal.", 2, 2, [](Words a, const CondContext&) { return a[0] == a[1]; }},
    {"strneq", "strneq(A,B): the texts differ.", 2, 2, [](Words a, const CondContext&) { return a[0] != a[1]; }},
    {"strstr", "strstr(TEXT,PART): the text holds the part.", 2, 2,
     [](Words a, const CondContext&) { return a[0].find(a[1]) != std::string::npos; }},
    {"version_atleast", "version_atleast(VERSION): this version or a later one of the language.", 1, 1,
     [](Words a, const CondContext& c) { return compare_versions(c.platform.version, a[0]) >= 0; }},
    {"version_before", "version_before(VERSION): an earlier version of the language.", 1, 1,
     [](Words a, const CondContext& c) { return compare_versions(c.platform.version, a[0]) < 0; }},
    {"openssl_version_atleast", "openssl_version_atleast(VERSION): the TLS library is this version or later.", 1, 1,
     [](Words a, const CondContext& c) { return ssl_version(c.platform.ssl_version) >= ssl_version(a[0]); }},
    {"openssl_version_before", "openssl_version_before(VERSION): the TLS library is an earlier version.", 1, 1,
     [](Words a, const CondContext& c) { return ssl_version(c.platform.ssl_version) < ssl_version(a[0]); }},
    {"ssllib_name_startswith", "ssllib_name_startswith(NAME): the TLS library calls itself so.", 1, 1,
     [](Words a, const CondContext& c) { return c.platform.ssl_library.starts_with(a[0]); }},
    {"awslc_api_atleast", "awslc_api_atleast(N): built with AWS-LC of this interface; never.", 1, 1,
     [](Words, const CondContext&) { return false; }},
    {"awslc_api_before", "awslc_api_before(N): built with AWS-LC of an earlier interface; never.", 1, 1,
     [](Words, const CondContext&) { return false; }},
};
const base::Registered<Predicate> kEnrol(kPredicates);

}  // namespace

bool Platform::has(std::string_view feature) const {
  return contains(features, feature);
}

CondResult evaluate(std::string_view text, const CondContext& context) {
  return Parser(text, context).run();
}

int compare_versions(std::string_view a, std::string_view b) {
  // major, minor, patch, development number (a release counts as the highest)
  auto read = [](std::string_view text) {
    std::array<int64_t, 4> out{0, 0, 0, std::numeric_limits<int64_t>::max()};
    for (size_t i = 0; i < 3; ++i) {
      size_t end = 0;
      while (end < text.size() && base::is_digit(text[end])) ++end;
      out[i] = base::parse_int<int64_t>(text.substr(0, end)).value_or(0);
      text.remove_prefix(end);
      if (!text.starts_with('.')) break;
      text.remove_prefix(1);
    }
    if (text.starts_with("-dev")) {
      text.remove_prefix(4);
      size_t end = 0;
      while (end < text.size() && base::is_digit(text[end])) ++end;
      out[3] = base::parse_int<int64_t>(text.substr(0, end)).value_or(0);
    }
    return out;
  };
  auto left = read(a), right = read(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

}  // namespace cfg
