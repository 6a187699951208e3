#include "lbd/rules/forwarded.h"

#include <algorithm>
#include <charconv>

#include "base/strings.h"
#include "lbd/expr/text_builder.h"
#include "lbd/expr/transaction.h"

namespace lbd::rules {
namespace {

constexpr std::string_view kUnknown = "unknown";

// obfnode and obfport without their "_" (RFC 7239, 6.3).
bool is_obfuscated(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return base::is_digit(c) || (base::to_lower(c) >= 'a' && base::to_lower(c) <= 'z') || c == '.' || c == '_' ||
           c == '-';
  });
}

}  // namespace

class Forwarded::Writer {
 public:
  explicit Writer(expr::Transaction& transaction) : t_(transaction), out_(transaction.arena, 96) {}

  void proto() {
    begin("proto=");
    out_.append(t_.session.tls ? "https" : "http");
  }
  void host(const Part& part) {
    std::string_view host;
    if (!part.expression) {
      if (const http::Header* field = t_.request->headers.find(http::Token::host)) host = field->value;
    } else if (expr::Value value; part.expression->eval_as(expr::Type::string, t_, value) == expr::Found::yes) {
      host = value.view();
    }
    if (host.empty()) return;
    begin("host=\"");
    for (const char& c : host) {
      if (c == '"' || c == '\\') out_.append("\\");
      out_.append({&c, 1});
    }
    out_.append("\"");
  }
  void node(std::string_view name, const Part& address, const Part& port, const base::IpPort& own) {
    if (!address.wanted && !port.wanted) return;
    begin(name);
    const std::string_view who = address.wanted ? text_of(address, own.ip) : kUnknown;
    const std::string_view at = port.wanted ? text_of(port, own) : std::string_view();
    const bool quoted = !at.empty() || who.starts_with('[');
    if (quoted) out_.append("\"");
    out_.append(who);
    if (!at.empty()) out_.append(":");
    out_.append(at);
    if (quoted) out_.append("\"");
  }
  std::string_view view() const { return out_.view(); }

 private:
  void begin(std::string_view name) {
    if (!out_.view().empty()) out_.append(";");
    out_.append(name);
  }
  std::string_view address(const base::IpAddr& ip) {
    char* text = t_.arena.alloc_chars(INET6_ADDRSTRLEN + 2);
    char* end = text;
    if (ip.is_v6()) *end++ = '[';
    end = ip.print(end);
    if (ip.is_v6()) *end++ = ']';
    return {text, end};
  }
  std::string_view text_of(const Part& part, const base::IpAddr& own) {
    if (!part.expression) return own.length() ? address(own) : kUnknown;
    expr::Value value;
    if (part.expression->eval(t_, value) != expr::Found::yes) return kUnknown;
    if (value.is_ip()) return address(value.ip());
    if (!expr::cast(value, expr::Type::string, t_.arena)) return kUnknown;
    if (const auto ip = base::IpAddr::parse(value.view())) return address(*ip);
    return obfuscated(value.view(), kUnknown);
  }
  std::string_view text_of(const Part& part, const base::IpPort& own) {
    if (!part.expression) return number(own.port);
    expr::Value value;
    if (part.expression->eval_as(expr::Type::string, t_, value) != expr::Found::yes) return {};
    if (const auto port = base::parse_int<uint16_t>(value.view()); port && *port) return number(*port);
    return obfuscated(value.view(), {});
  }
  std::string_view number(uint16_t port) {
    char* text = t_.arena.alloc_chars(5);
    return {text, std::to_chars(text, text + 5, port).ptr};
  }
  std::string_view obfuscated(std::string_view text, std::string_view otherwise) {
    if (!is_obfuscated(text)) return otherwise;
    return text.starts_with('_') ? text : t_.arena.concat("_", text);
  }

  expr::Transaction& t_;
  expr::TextBuilder out_;
};

Forwarded::Forwarded(const config::Forwarded& what, expr::CompileContext& context) : proto_(what.proto) {
  auto compile = [&](const config::Forwarded::Part& part) {
    Part out{part.wanted, nullptr};
    if (part.expression) out.expression = expr::parse_expr(context, *part.expression, expr::phase::kBackRequest);
    return out;
  };
  host_ = compile(what.host);
  by_ = compile(what.by);
  by_port_ = compile(what.by_port);
  for_ = compile(what.for_);
  for_port_ = compile(what.for_port);
}

std::string_view Forwarded::value(expr::Transaction& transaction) const {
  Writer writer(transaction);
  if (proto_) writer.proto();
  if (host_.wanted) writer.host(host_);
  writer.node("by=", by_, by_port_, transaction.dst);
  writer.node("for=", for_, for_port_, transaction.src);
  return writer.view();
}

}  // namespace lbd::rules
