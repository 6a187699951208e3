#include "lbd/cli/framing.h"

namespace lbd::cli {

std::vector<Command> split_commands(std::string_view line) {
  std::vector<Command> commands(1);
  std::string word;
  bool in_word = false;
  auto end_word = [&] {
    if (in_word) commands.back().words.push_back(std::move(word));
    word.clear();
    in_word = false;
  };
  for (size_t i = 0; i < line.size(); ++i) {
    char c = line[i];
    if (c == '\\' && i + 1 < line.size()) {
      char next = line[i + 1];
      // Any other backslash stays, so that regular expressions need no doubling.
      if (next != ';' && next != ' ' && next != '\t' && next != '\\') word += c;
      word += next;
      in_word = true;
      ++i;
    } else if (c == ';') {
      end_word();
      commands.emplace_back();
    } else if (c == ' ' || c == '\t') {
      end_word();
    } else {
      word += c;
      in_word = true;
    }
  }
  end_word();
  // "cmd;" ends with its command.
  if (commands.size() > 1 && commands.back().words.empty()) commands.pop_back();
  return commands;
}

bool CommandReader::take_line(std::string& line) {
  size_t end = input_.find('\n');
  if (end == std::string::npos) return false;
  line.assign(input_, 0, end);
  input_.erase(0, end + 1);
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return true;
}

CommandReader::State CommandReader::next(std::vector<Command>& commands) {
  std::string line;
  continued_lines_ = 0;
  while (in_payload_) {
    if (!take_line(line))
      return payload_.size() + input_.size() > payload_limit_ ? State::overflow : State::need_payload;
    if (line != terminator_) {
      payload_ += line;
      payload_ += '\n';
      ++continued_lines_;
      if (payload_.size() > payload_limit_) return State::overflow;
      continue;
    }
    in_payload_ = false;
    commands = std::move(pending_);
    commands.back().payload = std::move(payload_);
    payload_.clear();
    return State::command;
  }
  if (!take_line(line)) return input_.size() > line_limit_ ? State::overflow : State::need_more;
  if (line.size() > line_limit_) return State::overflow;
  commands = split_commands(line);
  std::vector<std::string>& last = commands.back().words;
  if (last.empty() || !last.back().starts_with("<<")) return State::command;
  terminator_ = last.back().substr(2);
  last.pop_back();
  pending_ = std::move(commands);
  in_payload_ = true;
  ++continued_lines_;
  return State::need_payload;
}

}  // namespace lbd::cli
