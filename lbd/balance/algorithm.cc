#include "lbd/balance/algorithm.h"

#include <fmt/format.h>

namespace lbd::balance {

AlgorithmWord split_algorithm(std::string_view word) {
  AlgorithmWord split;
  size_t open = word.find('(');
  split.name = word.substr(0, open);
  if (open == std::string_view::npos) return split;
  split.brackets = true;
  split.argument = word.substr(open + 1);
  split.closed = split.argument.ends_with(')');
  if (split.closed) split.argument.remove_suffix(1);
  return split;
}

void check_no_arguments(const config::Config&, const config::Proxy& proxy, cfg::Diagnostics& diagnostics) {
  const config::Balance& balance = proxy.balance;
  if (split_algorithm(balance.algorithm).brackets)
    diagnostics.error(balance.location, fmt::format("'balance {}' takes no argument in brackets", balance.algorithm));
  if (!balance.arguments.empty())
    diagnostics.error(balance.arguments.front().loc, fmt::format("'balance {}' takes no argument: unexpected '{}'",
                                                                 balance.algorithm, balance.arguments.front().text));
}

}  // namespace lbd::balance
