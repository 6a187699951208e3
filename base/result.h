// Result<T>: a value or an Error, with the names of std::expected (which C++20 lacks).
//
// An Error says what happened, whose fault it is, and whether the same attempt may be made again: retry and
// logging policy read the value, not the place where it arose. No exceptions are used after start-up.
// Thread: a value, any thread.
#pragma once

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace base {

enum class Code : uint8_t { invalid, not_found, exists, refused, denied, timeout, closed, limit, unsupported, system };
enum class Fault : uint8_t { input, client, server, us, system };
enum class Retry : uint8_t { no, yes };

struct Error {
  Code code = Code::invalid;
  Fault fault = Fault::us;
  Retry retry = Retry::no;
  int sys = 0;  // errno, 0 when none
  std::string text;

  static Error invalid(std::string text) { return {Code::invalid, Fault::input, Retry::no, 0, std::move(text)}; }
  // From errno; `what` names the attempt ("bind 0.0.0.0:80").
  static Error from_errno(std::string_view what, int err = errno);
};

// What `return Err(...)` builds; converts to any Result<T>.
struct Err {
  Error error;
  explicit Err(Error e) : error(std::move(e)) {}
  explicit Err(std::string text) : error(Error::invalid(std::move(text))) {}
};

template <typename T>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Err err) : state_(std::in_place_index<1>, std::move(err.error)) {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  T& value() & { return *std::get_if<0>(&state_); }
  const T& value() const& { return *std::get_if<0>(&state_); }
  T&& value() && { return std::move(*std::get_if<0>(&state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return std::get_if<0>(&state_); }
  const T* operator->() const { return std::get_if<0>(&state_); }
  Error& error() { return *std::get_if<1>(&state_); }
  const Error& error() const { return *std::get_if<1>(&state_); }
  T value_or(T other) const& { return has_value() ? value() : std::move(other); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;
  Result() = default;
  Result(Err err) : error_(std::move(err.error)) {}
  bool has_value() const { return !error_; }
  explicit operator bool() const { return has_value(); }
  const Error& error() const { return *error_; }
  void value() const {}

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace base

// auto x = TRY(f()): the value, or leave the function with the error.
#define TRY(expr)                                                         \
  __extension__({                                                         \
    auto try_result_ = (expr);                                            \
    if (!try_result_) return ::base::Err(std::move(try_result_.error())); \
    std::move(try_result_).value();                                       \
  })

// For what cannot happen: prints file:line and aborts.
#define CHECK(cond)                                    \
  do {                                                 \
    if (!(cond)) [[unlikely]]                          \
      ::base::check_failed(#cond, __FILE__, __LINE__); \
  } while (false)

namespace base {
[[noreturn]] void check_failed(const char* cond, const char* file, int line);
}
