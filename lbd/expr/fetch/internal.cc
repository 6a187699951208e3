// Samples that need no traffic: constants, the date, random numbers, the process, variables. Manual: 7.3.2.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <random>

#include "base/strings.h"
#include "lbd/expr/context.h"
#include "lbd/expr/process.h"
#include "lbd/expr/row.h"

namespace lbd::expr {

namespace {

using std::chrono::duration_cast;

Found always_true(const FetchCall&, Transaction&, Cursor&, Value& out) {
  out.set_bool(true);
  return Found::yes;
}

Found always_false(const FetchCall&, Transaction&, Cursor&, Value& out) {
  out.set_bool(false);
  return Found::yes;
}

bool prepare_bool(Prepare& prepare) {
  std::string_view text = prepare.args[0].text;
  bool yes = base::iequals(text, "true") || text == "1", no = base::iequals(text, "false") || text == "0";
  prepare.args[0].number = yes;
  if (!yes && !no) prepare.error = "must be true, false, 1 or 0";
  return yes || no;
}

Found fetch_bool(const FetchCall& call, Transaction&, Cursor&, Value& out) {
  out.set_bool(call.arg(0).number != 0);
  return Found::yes;
}

Found fetch_int(const FetchCall& call, Transaction&, Cursor&, Value& out) {
  out.set_int(call.arg(0).number);
  return Found::yes;
}

Found fetch_str(const FetchCall& call, Transaction&, Cursor&, Value& out) {
  out.set_text(call.arg(0).text);
  return Found::yes;
}

bool prepare_bin(Prepare& prepare) {
  std::string_view text = prepare.args[0].text;
  if (text.size() % 2) {
    prepare.error = "needs an even number of hexadecimal digits";
    return false;
  }
  std::string bytes;
  for (size_t i = 0; i < text.size(); i += 2) {
    int high = base::hex_digit(text[i]), low = base::hex_digit(text[i + 1]);
    if (high < 0 || low < 0) {
      prepare.error = fmt::format("'{}' is not hexadecimal", text.substr(i, 2));
      return false;
    }
    bytes += static_cast<char>(high * 16 + low);
  }
  prepare.args[0].text = prepare.context.storage.copy(bytes);
  return true;
}

Found fetch_bin(const FetchCall& call, Transaction&, Cursor&, Value& out) {
  out.set_text(call.arg(0).text, Type::binary);
  return Found::yes;
}

Found fetch_ip(const FetchCall& call, Transaction&, Cursor&, Value& out) {
  out.set_ip(call.arg(0).ip);
  return Found::yes;
}

Found fetch_meth(const FetchCall& call, Transaction&, Cursor&, Value& out) {
  out.set_method(http::method_of(call.arg(0).text), call.arg(0).text);
  return Found::yes;
}

// The variable is read when the process starts: its text goes into the program.
bool prepare_env(Prepare& prepare) {
  const char* value = std::getenv(std::string(prepare.args[0].text).c_str());
  prepare.args[0].text = value ? prepare.context.storage.copy(value) : std::string_view();
  prepare.args[0].number = value != nullptr;
  return true;
}

Found fetch_env(const FetchCall& call, Transaction&, Cursor&, Value& out) {
  if (!call.arg(0).number) return Found::no;
  out.set_text(call.arg(0).text);
  return Found::yes;
}

bool prepare_unit(Prepare& prepare) {
  std::string_view unit = prepare.args[1].text;
  prepare.args[1].number = unit == "us" ? 1 : unit == "ms" ? 1000 : 1'000'000;
  if (unit.empty() || unit == "s" || unit == "ms" || unit == "us") return true;
  prepare.error = "the unit must be s, ms or us";
  return false;
}

Found fetch_date(const FetchCall& call, Transaction&, Cursor&, Value& out) {
  out.set_int(base::wall_now().time_since_epoch().count() / call.arg(1).number + call.arg(0).number);
  return Found::yes;
}

Found fetch_date_us(const FetchCall&, Transaction&, Cursor&, Value& out) {
  out.set_int(base::wall_now().time_since_epoch().count() % 1'000'000);
  return Found::yes;
}

std::mt19937_64& generator() {
  thread_local std::mt19937_64 own{std::random_device{}()};
  return own;
}

Found fetch_rand(const FetchCall& call, Transaction&, Cursor&, Value& out) {
  uint64_t random = generator()() & 0xffffffffu;
  if (call.arg(0).given()) random = (random * static_cast<uint64_t>(call.arg(0).number)) >> 32;
  out.set_int(static_cast<int64_t>(random));
  return Found::yes;
}

bool prepare_uuid(Prepare& prepare) {
  if (!prepare.args[0].given() || prepare.args[0].number == 4) return true;
  prepare.error = "only version 4 is supported";
  return false;
}

Found fetch_uuid(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  uint64_t high = generator()(), low = generator()();
  high = (high & ~uint64_t{0xf000}) | 0x4000;
  low = (low & (~uint64_t{0} >> 2)) | (uint64_t{1} << 63);
  char* to = transaction.arena.alloc_chars(36);
  fmt::format_to_n(to, 36, "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xffff, high & 0xffff,
                   low >> 48, low & 0xffffffffffff);
  out.set_text({to, 36});
  return Found::yes;
}

Found fetch_hostname(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  if (!transaction.process) return Found::no;
  out.set_text(transaction.process->hostname);
  return Found::yes;
}

Found fetch_one(const FetchCall&, Transaction&, Cursor&, Value& out) {
  out.set_int(1);
  return Found::yes;
}

Found fetch_act_conns(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  if (!transaction.process || !transaction.process->connections) return Found::no;
  out.set_int(transaction.process->connections->load(std::memory_order_relaxed));
  return Found::yes;
}

Found fetch_stopping(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  const Process* process = transaction.process;
  out.set_bool(process && process->stopping && process->stopping->load(std::memory_order_relaxed));
  return Found::yes;
}

Found fetch_prio_class(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  out.set_int(transaction.priority_class);
  return Found::yes;
}

Found fetch_prio_offset(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  out.set_int(transaction.priority_offset);
  return Found::yes;
}

Found fetch_last_rule_file(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  if (!transaction.last_rule) return Found::no;
  out.set_text(transaction.last_rule->file());
  return Found::yes;
}

Found fetch_last_rule_line(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  if (!transaction.last_rule) return Found::no;
  out.set_int(transaction.last_rule->line);
  return Found::yes;
}

// req. is gone once the response is there, res. has not come before, and health checks have scopes of their own.
bool prepare_var(Prepare& prepare) {
  constexpr Phases kLate = valid::kBeforeLog | phase::kLog;
  Scope scope = prepare.args[0].var.scope;
  bool early = scope == Scope::res && !(prepare.where & kLate), late = scope == Scope::req && !(prepare.where & ~kLate);
  prepare.args[0].number = !early && !late && has_scope(prepare.where == phase::kCheck, scope);
  return true;
}

Found fetch_var(const FetchCall& call, Transaction& transaction, Cursor&, Value& out) {
  const Arg& arg = call.arg(0);
  if (arg.number && get_var(transaction, arg.var, out)) return Found::yes;
  if (!call.arg(1).given()) return Found::no;
  out.set_text(call.arg(1).text);
  return Found::yes;
}

using enum ArgKind;

constexpr FetchRow kRows[] = {
    {.name = "always_true", .doc = "Always true.", .out = Type::boolean, .run = always_true, .constant = true},
    {.name = "always_false", .doc = "Always false.", .out = Type::boolean, .run = always_false, .constant = true},
    {.name = "bool",
     .doc = "The boolean given as true, false, 1 or 0.",
     .args = {{{text}}},
     .out = Type::boolean,
     .run = fetch_bool,
     .prepare = prepare_bool,
     .constant = true},
    {.name = "int",
     .doc = "The integer given.",
     .args = {{{number}}},
     .out = Type::integer,
     .run = fetch_int,
     .constant = true},
    {.name = "str",
     .doc = "The string given.",
     .args = {{{text}}},
     .out = Type::string,
     .run = fetch_str,
     .constant = true},
    {.name = "bin",
     .doc = "The bytes given as hexadecimal digits.",
     .args = {{{text}}},
     .out = Type::binary,
     .run = fetch_bin,
     .prepare = prepare_bin,
     .constant = true},
    {.name = "ipv4",
     .doc = "The IPv4 address given.",
     .args = {{{ArgKind::ipv4}}},
     .out = Type::ipv4,
     .run = fetch_ip,
     .constant = true},
    {.name = "ipv6",
     .doc = "The IPv6 address given.",
     .args = {{{ArgKind::ipv6}}},
     .out = Type::ipv6,
     .run = fetch_ip,
     .constant = true},
    {.name = "meth",
     .doc = "The HTTP method given.",
     .args = {{{text}}},
     .out = Type::method,
     .run = fetch_meth,
     .constant = true},
    {.name = "env",
     .doc = "The environment variable given, as it was at start.",
     .args = {{{text}}},
     .out = Type::string,
     .run = fetch_env,
     .prepare = prepare_env,
     .constant = true},
    {.name = "date",
     .doc = "The date in seconds (or ms, us) since 1970, plus an offset.",
     .args = {{{number, true}, {text, true}}},
     .out = Type::integer,
     .run = fetch_date,
     .prepare = prepare_unit},
    {.name = "date_us", .doc = "The microseconds of the date.", .out = Type::integer, .run = fetch_date_us},
    {.name = "rand",
     .doc = "A random integer from 0 to below the argument (2^32 by default).",
     .args = {{{number, true}}},
     .out = Type::integer,
     .run = fetch_rand},
    {.name = "uuid",
     .doc = "A random UUID (RFC 4122, version 4).",
     .args = {{{number, true}}},
     .out = Type::string,
     .run = fetch_uuid,
     .prepare = prepare_uuid},
    {.name = "hostname", .doc = "The name of this host.", .out = Type::string, .run = fetch_hostname},
    {.name = "nbproc",
     .doc = "The number of processes, always 1.",
     .out = Type::integer,
     .run = fetch_one,
     .constant = true},
    {.name = "proc",
     .doc = "The number of this process, always 1.",
     .out = Type::integer,
     .run = fetch_one,
     .constant = true},
    {.name = "act_conns",
     .doc = "Active client connections of the process.",
     .out = Type::integer,
     .run = fetch_act_conns},
    {.name = "stopping", .doc = "Whether the process is stopping softly.", .out = Type::boolean, .run = fetch_stopping},
    {.name = "prio_class",
     .doc = "The priority class that set-priority-class set.",
     .out = Type::integer,
     .valid = valid::kInternal,
     .run = fetch_prio_class},
    {.name = "prio_offset",
     .doc = "The priority offset that set-priority-offset set.",
     .out = Type::integer,
     .valid = valid::kInternal,
     .run = fetch_prio_offset},
    {.name = "last_rule_file",
     .doc = "The file of the last final rule that applied.",
     .out = Type::string,
     .valid = valid::kInternal,
     .run = fetch_last_rule_file},
    {.name = "last_rule_line",
     .doc = "The line of the last final rule that applied.",
     .out = Type::integer,
     .valid = valid::kInternal,
     .run = fetch_last_rule_line},
    {.name = "var",
     .doc = "A variable (proc, sess, txn, req or res), or the default given.",
     .args = {{{var}, {text, true}}},
     .out = Type::any,
     .run = fetch_var,
     .prepare = prepare_var},
};
const Fetches kEnrol(kRows);

}  // namespace

}  // namespace lbd::expr
