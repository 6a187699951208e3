// set-src, set-src-port, set-dst, set-dst-port: whom rules, logs and servers take for the client, and where it wanted
// to go. Of a connection in tcp-request connection and session, of one exchange elsewhere.
#include "lbd/rules/action.h"

namespace lbd::rules {
namespace {

enum class Part : uint8_t { address, port };

template <base::IpPort expr::Transaction::*Side, Part part>
class SetAddress final : public Action {
 public:
  explicit SetAddress(const expr::Expr* expr) : expr_(expr) {}
  Verdict run(expr::Transaction& t, Outcome&) const override {
    expr::Value value;
    base::IpPort& side = t.*Side;
    if constexpr (part == Part::address) {
      // Of a Unix socket there is no port to keep.
      if (expr_->eval_as(expr::Type::address, t, value) == expr::Found::yes)
        side = {value.ip(), side.ip.length() > 0 ? side.port : uint16_t{0}};
    } else if (expr_->eval_as(expr::Type::integer, t, value) == expr::Found::yes) {
      if (side.ip.length() == 0) side.ip = base::IpAddr::v4(0);
      side.port = static_cast<uint16_t>(value.integer);
    }
    return Verdict::next;
  }

 private:
  const expr::Expr* expr_;
};

template <base::IpPort expr::Transaction::*Side, Part part>
const Action* parse_address(Parse& parse) {
  const expr::Expr* expr = parse.expression("an expression");
  return expr ? parse.context.storage.make<SetAddress<Side, part>>(expr) : nullptr;
}

using T = expr::Transaction;
constexpr uint32_t kSets = set::kHttpRequest | set::kTcpConnection | set::kTcpSession | set::kTcpContent;
constexpr ActionRow kRows[] = {
    {"set-src", "Sets the address of the client.", kSets, false, parse_address<&T::src, Part::address>},
    {"set-src-port", "Sets the port of the client.", kSets, false, parse_address<&T::src, Part::port>},
    {"set-dst", "Sets the address that the client wanted.", kSets, false, parse_address<&T::dst, Part::address>},
    {"set-dst-port", "Sets the port that the client wanted.", kSets, false, parse_address<&T::dst, Part::port>},
};
const base::Registered<ActionRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::rules
