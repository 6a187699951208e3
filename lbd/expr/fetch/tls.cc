// Samples of the client's TLS session. On a clear connection nothing of it is there, and ssl_fc is false.
// Manual: 7.3.4.
#include "lbd/expr/row.h"

namespace lbd::expr {

namespace {

Found fetch_tls(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  out.set_bool(transaction.session.tls);
  return Found::yes;
}

constexpr FetchRow kRows[] = {
    {.name = "ssl_fc",
     .doc = "Whether the client's connection is encrypted.",
     .out = Type::boolean,
     .valid = valid::kTls,
     .run = fetch_tls},
};
const Fetches kEnrol(kRows);

}  // namespace

}  // namespace lbd::expr
