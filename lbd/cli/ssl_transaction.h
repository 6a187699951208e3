// What the commands on prepared changes have in common, whichever kind of file they are about (tls_transactions.h).
// Thread: control. Manual: management.txt 9.3 (abort ssl cert, abort ssl ca-file, abort ssl crl-file).
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string_view>

#include "lbd/cli/command.h"

namespace lbd::cli {

// abort ssl WORD <file>
template <typename Transaction>
void abort_transaction(Invocation& invocation, std::optional<Transaction>& transaction, std::string_view word) {
  const std::string_view path = invocation.argument(0);
  if (path.empty()) return invocation.say(fmt::format("'abort ssl {}' expects a filename", word));
  if (!transaction) return invocation.say("No ongoing transaction!");
  if (transaction->path != path)
    return invocation.say(
        fmt::format("The ongoing transaction is about '{}' but you are trying to abort a transaction for '{}'",
                    transaction->path, path));
  transaction.reset();
  invocation.say(fmt::format("Transaction aborted for certificate '{}'!", path));
}

}  // namespace lbd::cli
