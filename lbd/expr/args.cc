#include "lbd/expr/args.h"

#include <fmt/format.h>

#include "base/strings.h"
#include "cfg/suggest.h"
#include "lbd/expr/regex.h"

namespace lbd::expr {

namespace {

constexpr size_t kNowhere = ~size_t{0};

size_t position_of(const config::Config& config, std::string_view name, bool frontend) {
  for (size_t i = 0; i < config.proxies.size(); ++i) {
    const config::Proxy& proxy = *config.proxies[i];
    if (proxy.name == name && !proxy.is_defaults && (frontend ? proxy.frontend : proxy.backend)) return i;
  }
  return kNowhere;
}

std::string near_proxy(const config::Config& config, std::string_view name, bool frontend) {
  std::vector<std::string_view> known;
  for (const auto& proxy : config.proxies)
    if (frontend ? proxy->frontend : proxy->backend) known.push_back(proxy->name);
  return cfg::did_you_mean(name, known);
}

bool parse_time(std::string_view text, int64_t& millis) {
  size_t digits = 0;
  while (digits < text.size() && base::is_digit(text[digits])) ++digits;
  auto n = base::parse_int<int64_t>(text.substr(0, digits));
  if (!n) return false;
  std::string_view unit = text.substr(digits);
  int64_t factor = unit.empty() || unit == "ms" ? 1
                   : unit == "s"                ? 1000
                   : unit == "m"                ? 60'000
                   : unit == "h"                ? 3'600'000
                   : unit == "d"                ? 86'400'000
                                                : 0;
  if (unit == "us") {
    millis = (*n + 999) / 1000;
    return true;
  }
  return factor && !__builtin_mul_overflow(*n, factor, &millis);
}

bool parse_number(std::string_view text, int64_t& number) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  auto n = base::parse_int<int64_t>(text);
  if (!n) return false;
  number = *n;
  return true;
}

// Fills the argument from its text; the returned text is what is wrong with it.
class Resolver {
 public:
  Resolver(CompileContext& context, Phases where) : context_(context), where_(where) {}

  std::string resolve(ArgKind kind, std::string_view text, std::string_view last, Arg& arg) {
    arg.text = context_.storage.copy(text);
    switch (kind) {
      case ArgKind::none:
      case ArgKind::text:
        return {};
      case ArgKind::number:
        return parse_number(text, arg.number) ? "" : expected("an integer");
      case ArgKind::time:
        return parse_time(text, arg.number) ? "" : expected("a time");
      case ArgKind::ipv4:
      case ArgKind::ipv6: {
        auto ip = base::IpAddr::parse(text);
        bool fits = ip && (kind == ArgKind::ipv4 ? ip->is_v4() : ip->is_v6());
        if (!fits) return expected(kind == ArgKind::ipv4 ? "an IPv4 address" : "an IPv6 address");
        arg.ip = *ip;
        return {};
      }
      case ArgKind::mask4:
      case ArgKind::mask6:
        return parse_mask(text, kind == ArgKind::mask6, arg.ip) ? "" : expected("a network mask");
      case ArgKind::frontend:
        return proxy(text, true, arg);
      case ArgKind::backend:
        return proxy(text, false, arg);
      case ArgKind::server:
        return server(text, arg);
      case ArgKind::userlist:
        for (const config::UserList& list : context_.config.userlists)
          if (list.name == text) arg.users = &list;
        return arg.users ? "" : fmt::format("there is no userlist '{}'", text);
      case ArgKind::regex: {
        auto regex = Regex::compile(text, last.find('i') != std::string_view::npos);
        if (!regex) return regex.error().text;
        arg.regex = context_.storage.make<Regex>(std::move(*regex));
        return {};
      }
      case ArgKind::var:
        return variable(text, arg);
      case ArgKind::number_or_var:
        if (parse_number(text, arg.number)) return {};
        arg.is_var = true;
        return variable(text, arg).empty() ? "" : expected("an integer or a variable such as txn.x");
      case ArgKind::text_or_var:
        arg.is_var = variable(text, arg).empty();
        return {};
      case ArgKind::table:
        return table(text, arg);
    }
    return {};
  }

 private:
  std::string table(std::string_view name, Arg& arg) {
    arg.table = context_.config.find_table(name);
    if (arg.table) return {};
    std::vector<std::string_view> known;
    for (const config::StickTable* one : context_.config.stick_tables) known.push_back(one->name);
    const std::string hint = cfg::did_you_mean(name, known);
    return fmt::format("there is no stick table '{}'{}{}", name, hint.empty() ? "" : ", ", hint);
  }
  static std::string expected(std::string_view what) { return fmt::format("must be {}", what); }

  std::string variable(std::string_view text, Arg& arg) {
    auto name = parse_var_name(text);
    if (!name) return expected(fmt::format("a variable: one of {}, a dot and a name", kVarScopes));
    arg.var = *name;
    return {};
  }

  std::string proxy(std::string_view text, bool frontend, Arg& arg) {
    arg.proxy = position_of(context_.config, text, frontend);
    if (arg.proxy != kNowhere) return {};
    std::string hint = near_proxy(context_.config, text, frontend);
    return fmt::format("there is no {} '{}'{}{}", frontend ? "frontend" : "backend", text, hint.empty() ? "" : ", ",
                       hint);
  }

  std::string server(std::string_view text, Arg& arg) {
    const config::Proxy* owner = &context_.proxy;
    std::string_view name = text;
    size_t slash = text.find('/');
    if (slash != std::string_view::npos) {
      if (std::string wrong = proxy(text.substr(0, slash), false, arg); !wrong.empty()) return wrong;
      owner = context_.config.proxies[arg.proxy].get();
      name = text.substr(slash + 1);
    } else {
      arg.proxy = position_of(context_.config, owner->name, false);
    }
    for (size_t i = 0; i < owner->servers.size(); ++i) {
      if (owner->servers[i]->name != name) continue;
      arg.server = i;
      context_.storage.refer_to(*owner->servers[i]);
      return {};
    }
    std::vector<std::string_view> known;
    for (const auto& one : owner->servers) known.push_back(one->name);
    std::string hint = cfg::did_you_mean(name, known);
    return fmt::format("there is no server '{}' in backend '{}'{}{}", name, owner->name, hint.empty() ? "" : ", ",
                       hint);
  }

  CompileContext& context_;
  Phases where_;
};

}  // namespace

std::string_view name_of(ArgKind kind) {
  switch (kind) {
    case ArgKind::none:
      return "";
    case ArgKind::text:
      return "string";
    case ArgKind::number:
      return "integer";
    case ArgKind::time:
      return "time";
    case ArgKind::ipv4:
      return "IPv4 address";
    case ArgKind::ipv6:
      return "IPv6 address";
    case ArgKind::mask4:
      return "IPv4 mask";
    case ArgKind::mask6:
      return "IPv6 mask";
    case ArgKind::frontend:
      return "frontend";
    case ArgKind::backend:
      return "backend";
    case ArgKind::server:
      return "server";
    case ArgKind::userlist:
      return "user list";
    case ArgKind::regex:
      return "regex";
    case ArgKind::var:
      return "variable";
    case ArgKind::number_or_var:
      return "integer or variable";
    case ArgKind::text_or_var:
      return "string or variable";
    case ArgKind::table:
      return "table";
  }
  return "";
}

std::string describe(const ArgSpecs& specs) {
  std::string out;
  for (const ArgSpec& spec : specs) {
    if (spec.kind == ArgKind::none) break;
    if (!out.empty()) out += ',';
    out += spec.optional ? fmt::format("[{}]", name_of(spec.kind)) : std::string(name_of(spec.kind));
  }
  return out;
}

bool parse_mask(std::string_view text, bool v6, base::IpAddr& mask) {
  mask = base::IpAddr::any(v6 ? base::Family::v6 : base::Family::v4);
  if (auto bits = base::parse_int<unsigned>(text)) {
    if (*bits > (v6 ? 128u : 32u)) return false;
    for (unsigned i = 0; i < *bits; ++i) mask.bytes[i / 8] = static_cast<uint8_t>(mask.bytes[i / 8] | 0x80u >> (i % 8));
    return true;
  }
  auto parsed = base::IpAddr::parse(text);
  if (!parsed || parsed->family != mask.family) return false;
  mask = *parsed;
  return true;
}

bool split_args(CompileContext& context, Text& text, std::vector<RawArg>& out) {
  size_t open = text.at++;
  RawArg arg;
  arg.at = text.at;
  char quote = 0;
  for (; !text.done(); ++text.at) {
    char c = text.peek();
    if (quote == '\'') {
      if (c == '\'')
        quote = 0;
      else
        arg.text += c;
      continue;
    }
    char next = text.at + 1 < text.all.size() ? text.all[text.at + 1] : '\0';
    if (c == '\\' && next && std::string_view(" \\\"'rnt").find(next) != std::string_view::npos) {
      arg.text += next == 'r' ? '\r' : next == 'n' ? '\n' : next == 't' ? '\t' : next;
      ++text.at;
    } else if (quote) {
      if (c == '"')
        quote = 0;
      else
        arg.text += c;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == ',' || c == ')') {
      arg.length = text.at - arg.at;
      out.push_back(std::move(arg));
      arg = {};
      arg.at = text.at + 1;
      if (c == ')') {
        ++text.at;
        if (out.size() == 1 && out[0].text.empty() && out[0].length == 0) out.clear();
        return true;
      }
    } else {
      arg.text += c;
    }
  }
  context.error(text.location(open), quote ? fmt::format("the quote {} is not closed", quote) : "'(' is not closed");
  return false;
}

const Arg* resolve_args(CompileContext& context, const Text& text, std::string_view kind, std::string_view name,
                        const ArgSpecs& specs, const std::vector<RawArg>& raw, size_t at, Phases where,
                        std::span<Arg>& args) {
  size_t most = 0;
  while (most < kMaxArgs && specs[most].kind != ArgKind::none) ++most;
  if (raw.size() > most) {
    const RawArg& extra = raw[most];
    context.error(text.location(extra.at, std::max<size_t>(extra.length, 1)),
                  most == 0 ? fmt::format("{} '{}' takes no argument", kind, name)
                            : fmt::format("{} '{}' takes at most {} argument{}: ({})", kind, name, most,
                                          most == 1 ? "" : "s", describe(specs)));
    return nullptr;
  }
  auto* made = static_cast<Arg*>(context.storage.arena().alloc(sizeof(Arg) * kMaxArgs, alignof(Arg)));
  for (size_t i = 0; i < kMaxArgs; ++i) new (made + i) Arg();
  args = std::span<Arg>(made, kMaxArgs);
  std::string_view last = raw.size() == most && most > 1 ? std::string_view(raw.back().text) : std::string_view();
  Resolver resolver(context, where);
  for (size_t i = 0; i < most; ++i) {
    bool text_like =
        specs[i].kind == ArgKind::text || specs[i].kind == ArgKind::text_or_var || specs[i].kind == ArgKind::regex;
    bool given = i < raw.size() && (raw[i].length > 0 || (text_like && !specs[i].optional));
    if (!given) {
      // "str" alone is the empty string, as "str()" is; everything else that is required must stand there.
      if (specs[i].optional || (specs[i].kind == ArgKind::text && raw.empty() && i == 0)) {
        if (i < raw.size() && text_like) made[i].text = {};
        continue;
      }
      context.error(text.location(at, name.size()),
                    fmt::format("argument {} of {} '{}' is missing: ({})", i + 1, kind, name, describe(specs)));
      return nullptr;
    }
    made[i].kind = specs[i].kind;
    std::string wrong = resolver.resolve(specs[i].kind, raw[i].text, last, made[i]);
    if (wrong.empty()) continue;
    context.error(text.location(raw[i].at, std::max<size_t>(raw[i].length, 1)),
                  fmt::format("argument {} of {} '{}': {}", i + 1, kind, name, wrong));
    return nullptr;
  }
  return made;
}

}  // namespace lbd::expr
