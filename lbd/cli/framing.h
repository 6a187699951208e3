// CommandReader: bytes of a runtime API client → commands. Pure: it does no I/O and knows no command.
//
// A line holds commands joined by ';'. Blanks separate words; a backslash protects ';', a blank and itself. A last
// word `<<` (or `<<END`) says that the lines that follow, up to an empty one (or one that is END), are the payload
// of the line's last command. A line that is never ended is never executed. Thread: that of its session.
// Errors: what is longer than the limit is `overflow`, and the session ends. Manual: management.txt 9.3.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lbd::cli {

struct Command {
  std::vector<std::string> words;
  std::string payload;
};

class CommandReader {
 public:
  explicit CommandReader(size_t line_limit = 16384, size_t payload_limit = 4 << 20)
      : line_limit_(line_limit), payload_limit_(payload_limit) {}

  void feed(std::string_view bytes) { input_ += bytes; }
  enum class State { command, need_more, need_payload, overflow };
  // The next complete line as its commands, or why there is none.
  State next(std::vector<Command>& commands);
  // How many lines the last next() has taken that ask for more payload: interactive mode answers each with "+ ".
  size_t continued_lines() const { return continued_lines_; }

 private:
  bool take_line(std::string& line);

  size_t line_limit_, payload_limit_;
  std::string input_;
  std::vector<Command> pending_;  // wait for their payload
  std::string payload_, terminator_;
  size_t continued_lines_ = 0;
  bool in_payload_ = false;
};

// One line into commands, without payload.
std::vector<Command> split_commands(std::string_view line);

}  // namespace lbd::cli
