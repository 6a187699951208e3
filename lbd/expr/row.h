// Rows of fetches and converters, their arguments, and the call that a program holds of each.
//
// A row says the name, the doc line, the arguments with their types, what type comes out (and goes in), and where the
// source exists. The function gets the arguments resolved: a backend is a position in Config::proxies, a variable a
// hash, a regular expression is compiled. `prepare` may check more at load and leave an object of its own in `data`.
// Enrol rows with `const base::Registered<FetchRow> kEnrol(kRows);` in the file that implements them.
// Thread: rows are constant; functions run in any worker. Errors: at load through Prepare; at run time a sample that
// is not there is Found::no, one that may still come Found::later. Manual: 7.3.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/registry.h"
#include "cfg/source.h"
#include "lbd/expr/phase.h"
#include "lbd/expr/transaction.h"
#include "lbd/expr/value.h"
#include "lbd/expr/vars.h"

namespace lbd::config {
struct StickTable;
struct UserList;
}  // namespace lbd::config

namespace lbd::expr {

class Regex;
struct CompileContext;

enum class ArgKind : uint8_t {
  none,
  text,
  number,
  time,  // milliseconds
  ipv4,
  ipv6,
  mask4,  // 24 or 255.255.255.0
  mask6,  // 64 or ffff:ffff::
  frontend,
  backend,
  server,  // [backend/]server
  userlist,
  regex,  // flags come from the last argument of the row
  var,
  number_or_var,
  text_or_var,
  table,
};
std::string_view name_of(ArgKind kind);

struct ArgSpec {
  ArgKind kind = ArgKind::none;
  bool optional = false;
};
inline constexpr size_t kMaxArgs = 5;
using ArgSpecs = std::array<ArgSpec, kMaxArgs>;

inline constexpr size_t kCurrentProxy = ~size_t{0};

struct Arg {
  ArgKind kind = ArgKind::none;  // none: left out
  bool is_var = false;           // of number_or_var, text_or_var
  int64_t number = 0;
  std::string_view text;
  base::IpAddr ip;
  size_t proxy = kCurrentProxy;  // position in Config::proxies; kCurrentProxy: that of the transaction
  size_t server = 0;             // position in Proxy::servers
  const config::UserList* users = nullptr;
  const config::StickTable* table = nullptr;
  const Regex* regex = nullptr;
  VarName var;
  bool given() const { return kind != ArgKind::none; }
};

enum class Found : uint8_t { no, yes, later };

// Where an iterating fetch stands: ACLs look at each value in turn, everything else takes one.
struct Cursor {
  bool iterate = false;
  bool more = false;        // set by the fetch: call again for the next value
  bool may_change = false;  // set by the fetch: it is not what it may become, so a match that fails is not final
  uint32_t index = 0;
  size_t offset = 0;
};

template <typename Row>
struct Call {
  const Row* row = nullptr;
  const Arg* args = nullptr;  // kMaxArgs of them
  const void* data = nullptr;
  bool response = false;  // for words that mean either side
  const Arg& arg(size_t i) const { return args[i]; }
};

struct Prepare {
  CompileContext& context;
  std::span<Arg> args;
  Phases where;
  bool response;
  const void** data;
  std::string error;         // why, when prepare says false
  cfg::Location location{};  // of the word
};

struct FetchRow {
  std::string_view name, doc;
  ArgSpecs args{};
  Type out = Type::string;
  Phases valid = valid::kAll;
  Found (*run)(const Call<FetchRow>& call, Transaction& transaction, Cursor& cursor, Value& out) = nullptr;
  bool (*prepare)(Prepare& prepare) = nullptr;
  bool constant = false;  // the same value for ever: folded at load
  bool raw = false;       // reads bytes as they came: meaningless in mode http
};
using FetchCall = Call<FetchRow>;

struct ConverterRow {
  std::string_view name, doc;
  ArgSpecs args{};
  Type in = Type::string, out = Type::string;
  bool (*run)(const Call<ConverterRow>& call, Transaction& transaction, Value& value) = nullptr;
  bool (*prepare)(Prepare& prepare) = nullptr;
  bool pure = true;  // depends on nothing but its input and its arguments: may be folded at load
};
using ConverterCall = Call<ConverterRow>;

using Fetches = base::Registered<FetchRow>;
using Converters = base::Registered<ConverterRow>;

}  // namespace lbd::expr
