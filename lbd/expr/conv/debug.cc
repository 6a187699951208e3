// The converter that prints what passes through it. Manual: 7.3.1 (debug).
#include <fmt/format.h>
#include <unistd.h>

#include "lbd/expr/row.h"
#include "lbd/expr/trace.h"

namespace lbd::expr {
namespace {

// number of the second argument: the file descriptor. There are no rings, so what would go into "buf0" goes to standard
// error.
bool prepare_debug(Prepare& prepare) {
  Arg& to = prepare.args[1];
  to.number = to.text == "stdout" ? STDOUT_FILENO : STDERR_FILENO;
  if (to.text.empty() || to.text == "stdout" || to.text == "stderr") return true;
  prepare.error = fmt::format("there is no ring '{}': debug prints to stdout or stderr", to.text);
  return false;
}

bool debug(const ConverterCall& call, Transaction& t, Value& value) {
  if (dry(t)) return true;
  char scalar[kMaxScalarText];
  const std::string_view text = to_text(value, scalar);
  fmt::basic_memory_buffer<char, 512> line;
  fmt::format_to(std::back_inserter(line), "[debug] {}: type={} <", call.arg(0).text, name_of(value.type));
  line.append(text.data(), text.data() + text.size());
  line.append(std::string_view(">\n"));
  // In one piece, and lost where nobody reads.
  [[maybe_unused]] const ssize_t sent = ::write(static_cast<int>(call.arg(1).number), line.data(), line.size());
  return true;
}

constexpr ConverterRow kRows[] = {
    {.name = "debug",
     .doc = "Prints the sample with its type to standard error or output: prefix, stdout or stderr.",
     .args = {{{ArgKind::text, true}, {ArgKind::text, true}}},
     .in = Type::any,
     .out = Type::any,
     .run = debug,
     .prepare = prepare_debug,
     .pure = false},
};
const Converters kEnrol(kRows);

}  // namespace
}  // namespace lbd::expr
