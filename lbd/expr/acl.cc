#include "lbd/expr/acl.h"

#include <fmt/format.h>
#include <netdb.h>

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "cfg/suggest.h"
#include "lbd/expr/pattern_files.h"
#include "lbd/expr/pattern_ip.h"
#include "lbd/expr/trace.h"

namespace lbd::expr {
namespace {

// Predefined ACLs (manual 7.4), as the criterion that each stands for.
struct Predefined {
  std::string_view name;
  std::vector<std::string_view> words;
};
const std::vector<Predefined>& predefined() {
  static const std::vector<Predefined> all = {
      {"FALSE", {"always_false"}},
      {"TRUE", {"always_true"}},
      {"HTTP", {"req.proto_http"}},
      {"HTTP_1.0", {"req.ver", "1.0"}},
      {"HTTP_1.1", {"req.ver", "1.1"}},
      {"HTTP_2.0", {"req.ver", "2.0"}},
      {"HTTP_CONTENT", {"req.hdr_val(content-length)", "gt", "0"}},
      {"HTTP_URL_ABS", {"url_reg", "^[^/:]*://"}},
      {"HTTP_URL_SLASH", {"url_beg", "/"}},
      {"HTTP_URL_STAR", {"url", "*"}},
      {"LOCALHOST", {"src", "127.0.0.1/8", "::1"}},
      {"METH_CONNECT", {"method", "CONNECT"}},
      {"METH_DELETE", {"method", "DELETE"}},
      {"METH_GET", {"method", "GET", "HEAD"}},
      {"METH_HEAD", {"method", "HEAD"}},
      {"METH_OPTIONS", {"method", "OPTIONS"}},
      {"METH_POST", {"method", "POST"}},
      {"METH_PUT", {"method", "PUT"}},
      {"METH_TRACE", {"method", "TRACE"}},
      {"RDP_COOKIE", {"req.rdp_cookie_cnt", "gt", "0"}},
      {"REQ_CONTENT", {"req.len", "gt", "0"}},
      {"WAIT_END", {"wait_end"}},
  };
  return all;
}

// Null: how bytes are matched, and what may be anything, must be said.
const MatchRow* default_match(Type type) {
  switch (type) {
    case Type::any:
    case Type::binary:
      return nullptr;
    case Type::boolean:
      return Matches::find("bool");
    case Type::integer:
      return Matches::find("int");
    case Type::ipv4:
    case Type::ipv6:
    case Type::address:
      return Matches::find("ip");
    default:
      return Matches::find("str");
  }
}

// path_beg is path with -m beg: the longest name that is a fetch, and the method behind its last '_'.
const FetchRow* derived_fetch(std::string_view name, const MatchRow*& match) {
  size_t bar = name.rfind('_');
  if (bar == std::string_view::npos) return nullptr;
  match = Matches::find(name.substr(bar + 1));
  return match ? Fetches::find(name.substr(0, bar)) : nullptr;
}

// Criteria whose patterns are versions: "3.1".
bool takes_versions(std::string_view fetch) {
  return fetch == "req.ssl_ver" || fetch == "req_ssl_ver";
}

// The IPv4 addresses of a host, as HAProxy asks for them while it reads its configuration.
std::vector<std::string> addresses_of(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  std::vector<std::string> all;
  if (getaddrinfo(host.c_str(), nullptr, &hints, &list) != 0) return all;
  for (addrinfo* one = list; one; one = one->ai_next)
    all.push_back(base::SockAddr::from_raw(one->ai_addr, one->ai_addrlen).ip_port().ip.to_string());
  freeaddrinfo(list);
  return all;
}

std::vector<std::string_view> texts_of(std::span<const cfg::Word> words) {
  std::vector<std::string_view> texts;
  for (const cfg::Word& word : words) texts.push_back(word.text);
  return texts;
}

class AclParser {
 public:
  AclParser(CompileContext& context, std::span<const cfg::Word> words, Phases where, std::string_view name)
      : context_(context), words_(words), where_(where) {
    acl_.name = context.storage.copy(name);
  }

  // Null after an error.
  const Acl* parse() {
    if (words_.empty() || !parse_criterion() || !parse_flags() || !choose_match() || !parse_patterns()) return nullptr;
    acl_.match = match_->match;
    acl_.takes = match_->takes;
    acl_.valid = acl_.expr->valid();
    bool needs_patterns = acl_.match != Match::boolean && acl_.match != Match::found;
    if (needs_patterns && words_.size() == 1)
      context_.warning(
          words_[0].loc,
          fmt::format("'{}' is given no pattern to match against, so this ACL never matches", words_[0].text),
          "for existence: -m found; for a number as a truth: -m bool; if it shall be so: --");
    if (needs_patterns) acl_.patterns = set_;
    judge_constant();
    keep_constants();
    acl_.location = words_[0].loc;
    acl_.criterion = context_.storage.copy(fmt::format("{}", fmt::join(texts_of(words_), " ")));
    return context_.storage.make<Acl>(acl_);
  }

 private:
  bool parse_criterion() {
    Text text(words_[0]);
    std::string_view name = leading_name(text.rest());
    const FetchRow* row = Fetches::find(name);
    if (!row) row = derived_fetch(name, match_);
    acl_.expr = parse_expr(context_, text, where_, false, row);
    at_ = 1;
    if (!acl_.expr) return false;
    if (!text.done()) {
      context_.error(text.location(text.at, text.rest().size()),
                     fmt::format("'{}' does not belong to the sample expression", text.rest()));
      return false;
    }
    // The method of path_beg is that of the bare word; what converters make of the path has its own.
    if (acl_.expr->has_converters()) match_ = nullptr;
    versions_ = takes_versions(name) && !acl_.expr->has_converters();
    return true;
  }

  bool fail(const cfg::Word& word, std::string text, std::string hint = {}) {
    context_.error(word.loc, std::move(text), std::move(hint));
    return false;
  }

  bool parse_flags() {
    for (; at_ < words_.size() && words_[at_].text.starts_with('-'); ++at_) {
      const cfg::Word& word = words_[at_];
      if (word == "--") {
        ++at_;
        return true;
      }
      if (word == "-i") {
        ignore_case_ = true;
      } else if (word == "-n") {
        resolve_ = false;
      } else if (word == "-M") {
        as_map_ = true;
      } else if (word == "-m" || word == "-f" || word == "-u") {
        if (at_ + 1 == words_.size()) return fail(word, fmt::format("'{}' needs an argument", word.text));
        const cfg::Word& argument = words_[++at_];
        bool taken = word == "-m" ? set_match(word, argument) : word == "-f" ? load(argument) : set_number(argument);
        if (!taken) return false;
      } else {
        return fail(word, fmt::format("unknown flag '{}'", word.text),
                    "'--' stands before patterns that begin with '-'");
      }
    }
    return true;
  }

  bool set_match(const cfg::Word& flag, const cfg::Word& word) {
    if (set_) return fail(flag, "'-m' must stand before files and patterns");
    match_ = Matches::find(word.text);
    if (match_) return true;
    std::vector<std::string_view> known;
    Matches::for_each([&](const MatchRow& row) { known.push_back(row.name); });
    return fail(word, fmt::format("unknown match method '{}'", word.text), cfg::did_you_mean(word.text, known));
  }

  bool set_number(const cfg::Word& word) {
    number_word_ = &word;
    number_ = base::parse_int<uint32_t>(word.text);
    return number_ || fail(word, "'-u' needs a number");
  }

  // Behind those of the files that its line names, as in HAProxy: lists are numbered in the order of their making.
  bool make_own_list() {
    own_ = &context_.pattern_files().make_list();
    own_->used_by(words_[0].text.substr(0, words_[0].text.find_first_of("(,")), words_[0].loc.file(),
                  words_[0].loc.line);
    if (!number_ || context_.pattern_files().claim_number(*own_, *number_)) return true;
    return fail(*number_word_, fmt::format("the number {} is used by another ACL", *number_));
  }

  // When it is needed first: the method can no longer change.
  bool choose_match() {
    if (set_) return true;
    if (!match_) match_ = default_match(acl_.expr->type());
    if (!match_)
      return fail(words_[0],
                  acl_.expr->type() == Type::any ? "how this is matched must be said: it may be of any type"
                                                 : "how this is matched must be said: it is of type binary",
                  "-m str, -m bin, -m found …");
    if (match_->takes != Type::any && !castable(acl_.expr->type(), match_->takes))
      return fail(words_[0],
                  fmt::format("type {} cannot be matched with '-m {}'", name_of(acl_.expr->type()), match_->name));
    set_ = context_.storage.make<PatternSet>(match_->match);
    return true;
  }

  bool load(const cfg::Word& word) {
    if (!choose_match()) return false;
    std::string error;
    PatternRef* list = context_.pattern_files().open(word.text, as_map_, error);
    if (list) error = set_->use(*list, ignore_case_);
    if (!error.empty()) return fail(word, error);
    has_files_ = true;
    list->used_by(as_map_ ? "map" : "acl", word.loc.file(), word.loc.line);
    list->used_as_acl();
    return true;
  }

  bool parse_patterns() {
    if (!make_own_list()) return false;
    set_->use(*own_, ignore_case_);
    bool numbers = match_->match == Match::integer || match_->match == Match::length;
    std::string_view comparison = "eq";
    first_ = at_;
    for (; at_ < words_.size(); ++at_) {
      const cfg::Word& word = words_[at_];
      bool is_operator = word == "eq" || word == "ge" || word == "gt" || word == "le" || word == "lt";
      if (numbers && is_operator) {
        comparison = word.text;
        continue;
      }
      if (numbers && word == "ne") {
        advise(word, "'ne' is taken for 'eq' here, as by HAProxy", "negate the condition: !{ … eq … }");
        comparison = "eq";
        continue;
      }
      std::string error = add(word, comparison);
      if (!error.empty()) return fail(word, error);
    }
    return true;
  }

  // For exclude_each_other(). The words of a predefined ACL are gone after the condition, so they are copied.
  void keep_constants() {
    if (has_files_ || (acl_.match != Match::string && acl_.match != Match::begin)) return;
    auto* patterns = context_.storage.make<std::vector<cfg::Word>>(words_.begin() + static_cast<std::ptrdiff_t>(first_),
                                                                   words_.end());
    acl_.constants = *patterns;
  }

  // Patterns that no sample equals, or that say something else than they seem to. HAProxy says nothing.
  void judge_pattern(const cfg::Word& word, std::string_view comparison) {
    const FetchRow* fetch = acl_.expr->fetch();
    if (word.text.empty()) return;
    if (match_->match == Match::ip) judge_network(word);
    if (!fetch || acl_.expr->has_converters()) return;
    if (fetch->name == "path" || fetch->name == "pathq") judge_path(word, *fetch);
    if (fetch->name == "method") judge_method(word);
    if (fetch->name == "status") judge_status(word, comparison);
  }

  // Of IPv4: what is parsed of IPv6 is not masked.
  void judge_network(const cfg::Word& word) {
    const auto network = parse_network(word.text);
    const auto ip = base::IpAddr::parse(std::string_view(word.text).substr(0, word.text.find('/')));
    if (!network || !ip || network->ip == *ip || !predefined_acl(acl_.name).empty()) return;
    advise(word, fmt::format("what is behind the mask of '{}' is not looked at", word.text),
           fmt::format("the network is {}{}", network->ip.to_string(), word.text.substr(word.text.find('/'))));
  }

  void judge_method(const cfg::Word& word) {
    if (ignore_case_ || match_->match != Match::string) return;
    std::string capitals = word.text;
    for (char& c : capitals) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    if (capitals != word.text && http::method_of(capitals) != http::Method::other)
      advise(word, fmt::format("'{}' is not the method {}: this pattern does not match it", word.text, capitals),
             capitals);
  }

  void judge_status(const cfg::Word& word, std::string_view comparison) {
    const auto number = base::parse_int<int64_t>(word.text);
    if (match_->match != Match::integer || comparison != "eq" || !number || (*number >= 100 && *number <= 999)) return;
    advise(word, fmt::format("no status is {}: this pattern never matches", *number), "a status has three digits");
  }

  // A path begins with a slash, or is an asterisk, and ends before the question mark.
  void judge_path(const cfg::Word& word, const FetchRow& fetch) {
    bool is_text = match_->match == Match::string || match_->match == Match::begin || match_->match == Match::end ||
                   match_->match == Match::sub;
    bool from_start = match_->match == Match::string || match_->match == Match::begin;
    if (from_start && word.text[0] != '/' && word.text[0] != '*')
      advise(word, fmt::format("no path begins with '{}': this pattern never matches", word.text),
             "paths begin with '/'");
    else if (is_text && fetch.name == "path" && word.text.find('?') != std::string::npos)
      advise(word, fmt::format("a path holds no '?': '{}' never matches", word.text), "pathq has the query, too");
  }

  // Usual as a switch that somebody turns by hand: told only to whoever asks for everything (-dD).
  void judge_constant() {
    if (!acl_.expr->is_constant() || acl_.name == "TRUE" || acl_.name == "FALSE" || has_files_) return;
    Session session;
    Transaction scratch(session, context_.storage.arena());
    Truth truth = evaluate(acl_, scratch);
    context_.diagnostics.report(cfg::Severity::diag, words_[0].loc,
                                fmt::format("this condition {} holds", truth == Truth::yes ? "always" : "never"));
  }

  void advise(const cfg::Word& word, std::string text, std::string hint) {
    context_.diagnostics.report(cfg::Severity::advice, word.loc, std::move(text), std::move(hint));
  }

  std::string add(const cfg::Word& word, std::string_view comparison) {
    judge_pattern(word, comparison);
    if (versions_ && match_->match == Match::integer) {
      std::string number = from_dotted(word.text);
      return number.empty() ? fmt::format("'{}' is not a version", word.text) : set_->add(number, comparison);
    }
    if (match_->match == Match::ip && resolve_ && !parse_network(word.text)) {
      std::string error;
      auto addresses = addresses_of(word.text);
      for (const std::string& address : addresses)
        if (error.empty()) error = set_->add(address);
      if (!addresses.empty()) return error;
    }
    return set_->add(word.text, comparison);
  }

  CompileContext& context_;
  std::span<const cfg::Word> words_;
  Phases where_;
  size_t at_ = 0, first_ = 0;  // first_: of the patterns
  Acl acl_;
  const MatchRow* match_ = nullptr;
  PatternSet* set_ = nullptr;  // once the method is settled
  PatternRef* own_ = nullptr;  // of the words
  std::optional<uint32_t> number_;
  const cfg::Word* number_word_ = nullptr;
  bool ignore_case_ = false, as_map_ = false, has_files_ = false, resolve_ = true, versions_ = false;
};

// `seen`: the sample that decided, or the last that was looked at; its type is `any` when there was none.
Truth evaluate(const Acl& acl, Transaction& transaction, Value& seen) {
  Cursor cursor;
  cursor.iterate = true;
  do {
    cursor.more = false;
    Value value;
    Found found = acl.expr->step(transaction, cursor, value);
    if (found == Found::later) return Truth::later;
    if (transaction.trace && found == Found::yes) seen = value;
    if (found == Found::no) continue;
    if (acl.match == Match::found) return Truth::yes;
    if (acl.takes != Type::any && !cast(value, acl.takes, transaction.arena)) continue;
    if (acl.match == Match::boolean ? value.integer != 0 : acl.patterns->matches(value)) return Truth::yes;
  } while (cursor.more);
  return cursor.may_change ? Truth::later : Truth::no;
}

}  // namespace

Truth evaluate(const Acl& acl, Transaction& transaction) {
  Value seen;
  Truth truth = evaluate(acl, transaction, seen);
  if (!transaction.trace) return truth;
  std::string name = acl.name.empty() ? "" : fmt::format("{} ({}): ", acl.name, shown(acl.location));
  std::string value = seen.type == Type::any ? "there is no sample" : fmt::format("the sample is {}", shown(seen));
  transaction.trace->say(Trace::Depth::detail, "{}{}: {}: {}", name, acl.criterion, value,
                         truth == Truth::yes  ? "yes"
                         : truth == Truth::no ? "no"
                                              : "not known yet");
  return truth;
}

namespace {

// What has one value in an exchange, whatever the client sends.
constexpr std::string_view kSingle[] = {"path",   "pathq",       "url",        "query",  "base",
                                        "method", "req.ssl_sni", "ssl_fc_sni", "fe_name"};

// Whether some text matches both, whatever the case.
bool may_both_match(std::string_view one, bool one_begins, std::string_view other, bool other_begins) {
  if (!one_begins && !other_begins) return base::iequals(one, other);
  // The one that is only a beginning, or the shorter of two, must begin the other.
  if (!one_begins || (other_begins && other.size() < one.size())) std::swap(one, other);
  return base::iequals(one, other.substr(0, one.size()));
}

}  // namespace

bool exclude_each_other(const Acl& one, const Acl& other) {
  const FetchRow* fetch = one.expr->fetch();
  if (!fetch || one.constants.empty() || other.constants.empty()) return false;
  if (fetch != other.expr->fetch() || one.expr->has_converters() || other.expr->has_converters()) return false;
  if (one.expr->text() != other.expr->text() && fetch->args[0].kind != ArgKind::none) return false;
  if (std::find(std::begin(kSingle), std::end(kSingle), fetch->name) == std::end(kSingle)) return false;
  for (const cfg::Word& a : one.constants)
    for (const cfg::Word& b : other.constants)
      if (may_both_match(a.text, one.match == Match::begin, b.text, other.match == Match::begin)) return false;
  return true;
}

const Acl* parse_acl(CompileContext& context, std::span<const cfg::Word> words, Phases where, std::string_view name) {
  return AclParser(context, words, where, name).parse();
}

void Acls::declare(CompileContext& context, const cfg::Statement& statement, Phases where) {
  if (statement.size() < 3) {
    context.error(statement.at(statement.size()), "acl needs a name and a criterion", "acl is_api path_beg /api");
    return;
  }
  std::string_view name = statement[1];
  if (name == "or" || name == "||" || name == "if" || name == "unless" || name == "!" || name == "{" || name == "}") {
    context.error(statement.words[1].loc, fmt::format("'{}' cannot be the name of an acl", name));
    return;
  }
  std::span<const cfg::Word> words(statement.words);
  const Acl* acl = parse_acl(context, words.subspan(2), where, name);
  auto [known, fresh] = named_.try_emplace(std::string(name));
  if (fresh) known->second.location = statement.words[1].loc;
  if (acl) known->second.any.push_back(acl);
}

const std::vector<const Acl*>* Acls::find(std::string_view name) const {
  auto it = named_.find(name);
  if (it == named_.end()) return nullptr;
  it->second.used = true;
  return &it->second.any;
}

std::vector<std::string_view> Acls::names() const {
  std::vector<std::string_view> all;
  for (const auto& [name, list] : named_) all.push_back(name);
  for (const Predefined& acl : predefined()) all.push_back(acl.name);
  return all;
}

std::span<const std::string_view> predefined_acl(std::string_view name) {
  for (const Predefined& acl : predefined())
    if (acl.name == name) return acl.words;
  return {};
}

}  // namespace lbd::expr
