// set-mark, set-tos, and the newer set-fc-mark, set-fc-tos, set-bc-mark, set-bc-tos: marks for netfilter and the TOS
// field of the packets to the client (fc) or to the server (bc). Marks need CAP_NET_ADMIN; without it nothing happens.
#include <fmt/core.h>

#include <charconv>

#include "lbd/net/connection.h"
#include "lbd/net/socket.h"
#include "lbd/rules/action.h"

namespace lbd::rules {
namespace {

enum class What : uint8_t { mark, tos };

template <What what, bool server>
class SetPackets final : public Action {
 public:
  SetPackets(const expr::Expr* expr, uint32_t value) : expr_(expr), value_(value) {}
  Verdict run(expr::Transaction& t, Outcome&) const override {
    uint32_t number = value_;
    if (expr_) {
      expr::Value value;
      if (expr_->eval_as(expr::Type::integer, t, value) != expr::Found::yes) return Verdict::next;
      number = static_cast<uint32_t>(value.integer);
    }
    if (server)
      (what == What::mark ? t.server_mark : t.server_tos) = number;
    else if (t.session.connection)
      what == What::mark ? net::set_mark(t.session.connection->fd(), number)
                         : net::set_tos(t.session.connection->fd(), number);
    return Verdict::next;
  }

 private:
  const expr::Expr* expr_;  // null: the value is known
  uint32_t value_;
};

std::optional<uint32_t> parse_bits(std::string_view text) {
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  if (hex) text.remove_prefix(2);
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

template <What what, bool server, bool expression>
const Action* parse_packets(Parse& parse) {
  constexpr std::string_view kMost = what == What::tos ? " up to 255" : "";
  if (const auto bits = parse_bits(parse.peek())) {
    parse.take("");
    if (what == What::tos && *bits > 255) parse.error(fmt::format("a number{} is expected", kMost));
    return parse.failed() ? nullptr : parse.context.storage.make<SetPackets<what, server>>(nullptr, *bits);
  }
  if (expression) {
    const expr::Expr* expr = parse.expression("a number or an expression");
    return expr ? parse.context.storage.make<SetPackets<what, server>>(expr, 0) : nullptr;
  }
  if (parse.take("a number")) parse.error(fmt::format("a number{}, such as 10 or 0xa, is expected", kMost));
  return nullptr;
}

constexpr uint32_t kClientSets = set::kHttpRequest | set::kHttpResponse | set::kTcp;
constexpr uint32_t kServerSets = set::kHttpRequest | set::kTcpContent;
constexpr ActionRow kRows[] = {
    {"set-mark", "Marks packets to the client for netfilter.", kClientSets, false,
     parse_packets<What::mark, false, false>},
    {"set-tos", "Sets the TOS field of packets to the client.", kClientSets, false,
     parse_packets<What::tos, false, false>},
    {"set-fc-mark", "set-mark, also by an expression.", kClientSets, false, parse_packets<What::mark, false, true>},
    {"set-fc-tos", "set-tos, also by an expression.", kClientSets, false, parse_packets<What::tos, false, true>},
    {"set-bc-mark", "Marks packets to the server for netfilter.", kServerSets, false,
     parse_packets<What::mark, true, true>},
    {"set-bc-tos", "Sets the TOS field of packets to the server.", kServerSets, false,
     parse_packets<What::tos, true, true>},
};
const base::Registered<ActionRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::rules
