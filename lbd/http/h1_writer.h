// Writes heads as HTTP/1 bytes, into an arena or into memory that the caller has, in one pass after the exact size is
// known. Fields go out in their order, removed ones not; `extra` (connection, x-forwarded-for …) goes behind them.
//
// Pure. What stands in the received bytes side by side and unchanged is copied in one piece, so a head that rules left
// alone costs one copy. Nothing is added or left out on its own: framing and Connection are the caller's.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "lbd/http/head.h"
#include "lbd/http/reply.h"

namespace lbd::http {

struct Field {
  std::string_view name;  // lower-case
  std::string_view value;
};

// How names are written that a peer reads with regard to case (h1-case-adjust): made at load, read by all threads.
class NameCase {
 public:
  // Lower-case name → the same in the wanted case.
  explicit NameCase(const std::map<std::string, std::string>& names) : names_(names.begin(), names.end()) {}
  std::string_view of(std::string_view lower_case_name) const;

 private:
  std::vector<std::pair<std::string, std::string>> names_;  // sorted
};

// Bytes that write_request / write_response will take, the empty line included.
size_t request_size(const Head& head, std::span<const Field> extra = {});
size_t response_size(const Head& head, std::span<const Field> extra = {});

// Into `to`, which has room for *_size() bytes; returns the end.
char* write_request(const Head& head, char* to, std::span<const Field> extra = {}, const NameCase* names = nullptr);
char* write_response(const Head& head, char* to, std::span<const Field> extra = {}, const NameCase* names = nullptr);

std::string_view write_request(const Head& head, base::Arena& arena, std::span<const Field> extra = {},
                               const NameCase* names = nullptr);
std::string_view write_response(const Head& head, base::Arena& arena, std::span<const Field> extra = {},
                                const NameCase* names = nullptr);

// The head of an answer that the proxy makes itself; the body follows as it is, so `extra` has the content-length.
std::string_view write_reply_head(const Reply& reply, base::Arena& arena, std::span<const Field> extra = {});

}  // namespace lbd::http
