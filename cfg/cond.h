// Conditions of .if, .elif and -cc: predicates joined by ! && || and parentheses (HAProxy manual 2.4).
//
// A predicate is a row; what the product is (version, features, TLS library) is handed in, since this folder knows no
// product. The whole text is always read, so an unknown predicate is an error even where it would not be asked.
// An empty text is false. && binds closer than ||. Pure. Thread: any.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cfg/environment.h"

namespace cfg {

// What version, feature and library questions are answered with.
struct Platform {
  std::string version;                     // "3.4.0"
  std::vector<std::string_view> features;  // "OPENSSL", …
  std::vector<std::string_view> enabled;   // run-time options: "EPOLL", …
  std::string ssl_library;                 // "OpenSSL 3.0.15 3 Sep 2024"
  std::string ssl_version;                 // "3.0.15"
  bool has(std::string_view feature) const;
};

struct CondContext {
  const Environment& environment;
  const Platform& platform;
};

struct CondResult {
  bool ok = true;
  bool value = false;
  std::string error, hint;
  size_t error_at = 0;  // offset in the text
};

CondResult evaluate(std::string_view text, const CondContext& context);

// A row: feature(NAME), streq(A,B), …
struct Predicate {
  std::string_view name;
  std::string_view doc;
  size_t min_arguments, max_arguments;
  bool (*test)(std::span<const std::string> arguments, const CondContext& context);
};

// Compares "2.4", "2.4.1", "2.4-dev19" numbers as `haproxy -v` writes them; missing components are zero, a -dev
// comes before its release. Negative: a is older.
int compare_versions(std::string_view a, std::string_view b);

}  // namespace cfg
