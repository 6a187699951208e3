// Reader: walks one configuration file and gives its statements, with .if blocks resolved and .notice, .warning,
// .alert and .diag said (HAProxy manual 2.4).
//
// Statements come one at a time, since `setenv` in a section changes what later lines mean. Within a block that is
// switched off only the dot words are looked at. A condition that cannot be read is an error and counts as false.
// At the end unclosed blocks and a missing last line feed (a truncated file) are errors.
// Thread: one load. Owner: the loader; the Source must outlive the statements.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "cfg/cond.h"
#include "cfg/statement.h"

namespace cfg {

class Reader {
 public:
  Reader(const Source& source, const Environment& environment, const Platform& platform, Diagnostics& diagnostics)
      : source_(source), environment_(environment), platform_(platform), diagnostics_(diagnostics) {}

  // `section` is what ${.SECTION} gives. Nothing at the end of the file.
  std::optional<Statement> next(std::string_view section);

 private:
  enum class Branch : uint8_t { taken, waiting, done };  // waiting: no branch was true yet; done: one was
  struct Block {
    Branch branch;
    bool had_else = false;
    Location where;
  };

  bool skipping() const { return !blocks_.empty() && blocks_.back().branch != Branch::taken; }
  // True when the statement was a directive of the reader itself.
  bool directive(const Statement& statement);
  void open_block(const Statement& statement);
  void change_branch(const Statement& statement, bool is_else);
  void say(const Statement& statement, Severity severity);
  bool condition(const Statement& statement);
  void finish();

  const Source& source_;
  const Environment& environment_;
  const Platform& platform_;
  Diagnostics& diagnostics_;
  uint32_t line_ = 1;
  bool finished_ = false;
  std::vector<Block> blocks_;
};

}  // namespace cfg
