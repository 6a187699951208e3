// StatusCodes: statuses of HTTP that count as errors of clients, or as failures of servers, in stick tables.
//
// Owner: Global. Thread: any, after load. Errors: words that are no range, with what is wrong. Manual: 3.1
// http-err-codes, http-fail-codes (of 3.0).
#pragma once

#include <bitset>
#include <optional>
#include <string>
#include <string_view>

namespace lbd::config {

class StatusCodes {
 public:
  static constexpr int kFirst = 100, kLast = 599;

  // Those that count when nothing is said: 400 to 499; 500 to 599 but 501 and 505.
  static StatusCodes of_clients();
  static StatusCodes of_servers();

  bool has(int status) const {
    return status >= kFirst && status <= kLast && bits_.test(static_cast<size_t>(status - kFirst));
  }
  // "[+-]400[-410][,…]": these instead, these too, or these not. What is wrong with it; nothing: it is done.
  std::optional<std::string> apply(std::string_view word);

 private:
  void set(int first, int last, bool on);
  std::bitset<kLast - kFirst + 1> bits_;
};

}  // namespace lbd::config
