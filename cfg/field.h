// Generic setters: field<&Proxy::maxconn>(range) reads the words that the member's type asks for and stores them.
//
//   bool                 no words; "no X" and "default X" clear it
//   number               one number in the range (and in what the type holds)
//   Millis, Seconds      one time; a bare number is in that unit
//   string, Word         one word
//   optional<T>          as T
//   vector<string>       all the words that are left, at least one
// size<…>(range) reads a number with k, m or g. on_off<…>() reads "on" or "off". path through structs:
// field<&Global::tune, &Tune::bufsize>(range).
// All are literal types, so that rows are constexpr. Thread: any.
#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "cfg/args.h"

namespace cfg {

template <typename Object>
Object& reach(Object& object) {
  return object;
}
template <auto First, auto... Rest, typename Object>
auto& reach(Object& object) {
  if constexpr (sizeof...(Rest) == 0)
    return object.*First;
  else
    return reach<Rest...>(object.*First);
}

namespace detail {

template <typename T>
struct Unwrapped {
  using type = T;
};
template <typename T>
struct Unwrapped<std::optional<T>> {
  using type = T;
};

template <typename T>
void store(Args& args, T& to, const Range& range) {
  using Value = typename Unwrapped<T>::type;
  if constexpr (std::is_same_v<Value, bool>) {
    to = args.form() == Form::plain;
  } else if constexpr (std::is_same_v<Value, std::vector<std::string>>) {
    auto first = args.take<std::string>();
    if (!first) return;
    to = {std::move(*first)};
    for (Word& word : args.rest()) to.push_back(std::move(word.text));
  } else if (auto value = args.take<Value>(range)) {
    to = std::move(*value);
  }
}

}  // namespace detail

template <auto... Path>
struct Field {
  Range range;
  template <typename Model>
  static void run(Args& args, Model& model, const Range& range) {
    detail::store(args, reach<Path...>(model), range);
  }
};
template <auto... Path>
constexpr Field<Path...> field(Range range = {}) {
  return {range};
}

template <auto... Path>
struct SizeField {
  Range range;
  template <typename Model>
  static void run(Args& args, Model& model, const Range& range) {
    auto& to = reach<Path...>(model);
    using Value = typename detail::Unwrapped<std::remove_reference_t<decltype(to)>>::type;
    Range bounds = range;
    bounds.min = std::max<int64_t>(bounds.min, 0);
    if constexpr (sizeof(Value) < sizeof(int64_t))
      bounds.max = std::min<int64_t>(bounds.max, std::numeric_limits<Value>::max());
    if (auto value = args.take_size(bounds)) to = static_cast<Value>(*value);
  }
};
template <auto... Path>
constexpr SizeField<Path...> size(Range range = {}) {
  return {range};
}

template <auto... Path>
struct OnOffField {
  Range range;
  template <typename Model>
  static void run(Args& args, Model& model, const Range&) {
    auto word = args.take<std::string>();
    if (!word) return;
    if (auto value = parse_on_off(*word))
      reach<Path...>(model) = *value;
    else
      args.error("'" + args.name() + "' " + value.error().text);
  }
};
template <auto... Path>
constexpr OnOffField<Path...> on_off() {
  return {};
}

// Stores a fixed value; no words. "no X" and "default X" restore the value-initialised one.
template <auto Value, auto... Path>
struct Constant {
  Range range;
  template <typename Model>
  static void run(Args& args, Model& model, const Range&) {
    auto& to = reach<Path...>(model);
    if (args.form() == Form::plain)
      to = Value;
    else
      to = {};
  }
};
template <auto Value, auto... Path>
constexpr Constant<Value, Path...> set_to() {
  return {};
}

}  // namespace cfg
