#include "cfg/blocks.h"

#include <fmt/format.h>
#include <glob.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/strings.h"
#include "cfg/block_line.h"
#include "cfg/parameters.h"

namespace cfg {
namespace {

// Deeper nesting than any grammar has: of braces, includes, and prefixes of one line.
constexpr size_t kDeepest = 32;

// Puts tokens into the tree. The open blocks are remembered by their place in their parents, since the vectors move.
class TreeBuilder {
 public:
  explicit TreeBuilder(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  void add_line(std::vector<BlockToken> tokens) {
    std::vector<Word> words;
    const auto flush = [&] {
      if (words.empty()) return;
      body().push_back({std::move(words), {}, false});
      words.clear();
    };
    for (BlockToken& token : tokens) {
      switch (token.kind) {
        case BlockToken::Kind::word:
          words.push_back(std::move(token.word));
          break;
        case BlockToken::Kind::open:
          flush();
          open(token.word.loc);
          break;
        case BlockToken::Kind::close:
          flush();
          close(token.word.loc);
          break;
      }
    }
    flush();
  }

  std::vector<Block> finish() {
    for (const Open& open : open_) diagnostics_.error(open.where, "this '{' is never closed", "add the missing '}'");
    return std::move(root_);
  }

 private:
  struct Open {
    size_t index;
    Location where;
    bool ignored;  // too deep
  };

  std::vector<Block>& body() {
    std::vector<Block>* at = &root_;
    for (const Open& open : open_)
      if (!open.ignored) at = &(*at)[open.index].body;
    return *at;
  }

  void open(const Location& where) {
    std::vector<Block>& blocks = body();
    if (open_.size() >= kDeepest) {
      diagnostics_.error(where, "blocks are nested too deep");
      open_.push_back({0, where, true});
      return;
    }
    if (blocks.empty() || blocks.back().braced) {
      diagnostics_.error(where, "unexpected '{': no keyword stands before it");
      blocks.emplace_back();
    }
    blocks.back().braced = true;
    open_.push_back({blocks.size() - 1, where, false});
  }

  void close(const Location& where) {
    if (open_.empty())
      diagnostics_.error(where, "unexpected '}': no block is open");
    else
      open_.pop_back();
  }

  Diagnostics& diagnostics_;
  std::vector<Block> root_;
  std::vector<Open> open_;
};

class Reader {
 public:
  Reader(SourceSet& sources, const BlockContext& context, Diagnostics& diagnostics)
      : sources_(sources),
        context_(context),
        diagnostics_(diagnostics),
        parameters_(context.expansion_limit),
        repetitions_(context.expansion_limit),
        tree_(diagnostics) {
    define("_INSTANCE", context.id, {});
  }

  std::vector<Block> finish() { return tree_.finish(); }

  void read(const Source& source) {
    if (files_ >= kDeepest) {
      diagnostics_.error({&source, 0, 0, 0}, "files include each other too deep");
      return;
    }
    ++files_;
    const std::string outer = directory_;
    enter(directory_of(source.name()));
    for (uint32_t line = 1; line <= source.line_count(); ++line) line = read_line(source, line);
    enter(outer);
    --files_;
  }

 private:
  static std::string directory_of(const std::string& file) {
    const size_t slash = file.rfind('/');
    return slash == std::string::npos ? "." : file.substr(0, std::max<size_t>(slash, 1));
  }
  void enter(const std::string& directory) {
    directory_ = directory;
    define("_PWD", directory, {});
  }
  void define(std::string_view name, std::string_view value, const Text::Mark& where) {
    parameters_.define(name, {Text::made(value, where)});
  }

  static Text clean_line(const Source& source, uint32_t line) {
    Text text = Text::of_line(source, line);
    text = text.slice(0, comment_at(text));
    while (!text.empty() && base::is_space(text.chars.back())) text = text.slice(0, text.size() - 1);
    text.trim_left();
    return text;
  }

  // Returns the last line that it took: a definition may be continued with '\'.
  uint32_t read_line(const Source& source, uint32_t number) {
    Text first = clean_line(source, number);
    if (!first.chars.ends_with('\\')) {
      process(std::move(first), 0);
      return number;
    }
    std::vector<Text> lines = {std::move(first)};
    while (lines.back().chars.ends_with('\\')) {
      lines.back() = lines.back().slice(0, lines.back().size() - 1);
      // Empty lines do not end it.
      Text next;
      while (next.empty() && number < source.line_count()) next = clean_line(source, ++number);
      if (next.empty()) break;
      lines.push_back(std::move(next));
    }
    Text head = lines.front();
    if (!enabled(head)) return number;
    const size_t length = definition_length(head);
    if (length == 0) {
      Text joined;
      for (Text& line : lines) {
        if (!joined.empty()) joined.append(Text::made(" ", {}));
        joined.append(line);
      }
      process(std::move(joined), 0);
      return number;
    }
    // Nothing stands behind the '=' of a definition of several lines as a rule; if it does it is the first of them.
    const std::string name = head.chars.substr(1, length - 2);
    lines.front() = head.slice(length);
    lines.front().trim_left();
    if (lines.front().empty()) lines.erase(lines.begin());
    parameters_.define(name, std::move(lines));
    return number;
  }

  // Takes @id prefixes off; false: the line is for somebody else.
  bool enabled(Text& line) const {
    while (line.chars.starts_with('@')) {
      const bool negative = line.chars.starts_with("@^");
      const size_t from = negative ? 2 : 1;
      const size_t end = std::min(line.chars.find_first_of(" \t", from), line.size());
      if ((line.chars.substr(from, end - from) == context_.id) == negative) return false;
      line = line.slice(end);
      line.trim_left();
    }
    return true;
  }

  // Of "$NAME=", or 0.
  static size_t definition_length(const Text& line) {
    if (!line.chars.starts_with('$')) return 0;
    const size_t name = Parameters::name_length(std::string_view(line.chars).substr(1));
    return name && line.chars.substr(name + 1).starts_with('=') ? name + 2 : 0;
  }

  void process(Text line, size_t depth) {
    line.trim_left();
    if (line.empty()) return;
    if (depth > kDeepest) return diagnostics_.error(line.locate(0, line.size()), "parameters are nested too deep");
    if (!enabled(line) || line.empty()) return;
    if (const size_t length = definition_length(line)) {
      const std::string name = line.chars.substr(1, length - 2);
      parameters_.define(name, {line.slice(length)});
      return;
    }
    if (line.chars.starts_with("~SEQ") || line.chars.starts_with("~LST")) return repeat(line, depth);

    const Text::Mark begin = line.marks.front();
    Substituted result = parameters_.substitute(std::move(line));
    if (result.endless)
      diagnostics_.error({begin.source, begin.line, begin.column, 1}, "the parameters of this line do not end");
    const char head = result.first.empty() ? ' ' : result.first.chars[0];
    if (head == '@' || head == '~' || definition_length(result.first))
      process(std::move(result.first), depth + 1);
    else
      finish_line(result.first);
    for (Text& rest : result.rest) process(std::move(rest), depth + 1);
  }

  void finish_line(const Text& line) {
    auto tokens = lex_block_line(line, diagnostics_);
    if (!tokens || tokens->empty()) return;
    const std::string_view keyword = tokens->front().word.text;
    if (tokens->front().kind == BlockToken::Kind::word && keyword.starts_with("include") && keyword.size() <= 8 &&
        tokens->size() > 1 && (keyword.size() == 7 || std::string_view("rmwba").find(keyword[7]) != std::string::npos))
      return include((*tokens)[0].word, (*tokens)[1].word);
    tree_.add_line(std::move(*tokens));
  }

  void include(const Word& keyword, const Word& pattern) {
    std::string path = pattern.text;
    if (!path.starts_with('/')) path = directory_ + '/' + path;
    const bool wild = path.find_first_of("*?[{") != std::string::npos;
    const std::string_view variant = std::string_view(keyword.text).substr(7);

    glob_t found{};
    const int error = glob(path.c_str(), GLOB_BRACE | GLOB_TILDE, nullptr, &found);
    const std::vector<std::string> files(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    globfree(&found);
    if (error != 0 || files.empty()) {
      const bool wrong = variant == "a" || variant == "w" || (variant == "m" && !wild);
      diagnostics_.report(wrong  ? Severity::alert
                          : wild ? Severity::notice
                                 : Severity::warning,
                          pattern.loc, fmt::format("no file matches '{}'", path));
      return;
    }
    for (const std::string& file : files) {
      const auto source = sources_.read(file);
      if (source)
        read(**source);
      else
        diagnostics_.report(variant.empty() ? Severity::warning : Severity::alert, pattern.loc, source.error().text);
    }
  }

  // ~SEQ(name[, start[, step]], end) rest, ~SEQx(…) rest, ~LST(name, a, b) rest, ~LST({n, m}, {a, b}, {c, d}) rest.
  void repeat(const Text& line, size_t depth) {
    const size_t open = line.chars.find('(');
    const size_t close = closing(line.chars, open);
    const std::string word = line.chars.substr(0, open);
    if (close == std::string::npos || (word != "~SEQ" && word != "~SEQx" && word != "~LST"))
      return diagnostics_.error(line.locate(0, word.size()), "expected ~SEQ(…), ~SEQx(…) or ~LST(…)");
    const Text inside = parameters_.substitute(line.slice(open + 1, close - open - 1)).first;
    const Location where = line.locate(0, close + 1);
    const Text rest = line.slice(close + 1);
    const std::vector<std::string> arguments = split_list(inside.chars);
    if (word == "~LST")
      repeat_list(arguments, rest, where, depth);
    else
      repeat_sequence(arguments, word == "~SEQx", rest, where, depth);
  }

  static size_t closing(std::string_view text, size_t open) {
    if (open == std::string_view::npos) return open;
    return text.find(')', open);
  }

  // At commas outside braces, blanks off.
  static std::vector<std::string> split_list(std::string_view text) {
    std::vector<std::string> items(1);
    int depth = 0;
    for (char c : text) {
      if (c == '{') ++depth;
      if (c == '}') --depth;
      if (c == ',' && depth == 0)
        items.emplace_back();
      else
        items.back() += c;
    }
    for (std::string& item : items) item = std::string(base::trim(item));
    return items;
  }

  static std::optional<int64_t> number(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    const bool hex = text.starts_with("0x") || text.starts_with("0X");
    const auto value = hex ? base::parse_int<int64_t>(text.substr(2), 16) : base::parse_int<int64_t>(text);
    if (!value || *value > INT32_MAX) return std::nullopt;
    return negative ? -*value : *value;
  }

  void repeat_sequence(const std::vector<std::string>& arguments, bool hex, const Text& rest, const Location& where,
                       size_t depth) {
    std::array<int64_t, 3> numbers{};
    const size_t count = arguments.size() - 1;
    bool good = count >= 1 && count <= 3 && Parameters::name_length(arguments[0]) == arguments[0].size();
    for (size_t i = 0; good && i < count; ++i) {
      const auto value = number(arguments[i + 1]);
      good = value.has_value();
      if (good) numbers[i] = *value;
    }
    const int64_t end = good ? numbers[count - 1] : 0;
    const int64_t start = count > 1 ? numbers[0] : end > 0 ? 1 : -1;
    const int64_t step = count > 2 ? numbers[1] : end >= start ? 1 : -1;
    if (!good || step == 0)
      return diagnostics_.error(where, "expected ~SEQ(name, start, step, end) with numbers, and a step that is not 0");
    for (int64_t i = start; step > 0 ? i <= end : i >= end; i += step) {
      if (!may_repeat(rest, where)) break;
      const std::string value = !hex ? fmt::format("{}", i) : i < 0 ? fmt::format("-{:x}", -i) : fmt::format("{:x}", i);
      define(arguments[0], value, {where.source, where.line, where.column});
      process(rest, depth + 1);
    }
    parameters_.forget(arguments[0]);
  }

  void repeat_list(const std::vector<std::string>& arguments, const Text& rest, const Location& where, size_t depth) {
    const auto unwrap = [](const std::string& item) {
      if (item.size() < 2 || item.front() != '{' || item.back() != '}') return std::vector<std::string>{item};
      return split_list(std::string_view(item).substr(1, item.size() - 2));
    };
    const std::vector<std::string> names = unwrap(arguments[0]);
    for (const std::string& name : names)
      if (name.empty() || Parameters::name_length(name) != name.size())
        return diagnostics_.error(where, fmt::format("'{}' is no name of a parameter", name));
    for (size_t i = 1; i < arguments.size(); ++i) {
      const std::vector<std::string> values = unwrap(arguments[i]);
      if (values.size() != names.size()) {
        diagnostics_.error(where,
                           fmt::format("'{}' has {} values for {} names", arguments[i], values.size(), names.size()));
        continue;
      }
      if (!may_repeat(rest, where)) break;
      for (size_t n = 0; n < names.size(); ++n) define(names[n], values[n], {where.source, where.line, where.column});
      process(rest, depth + 1);
    }
    for (const std::string& name : names) parameters_.forget(name);
  }

  bool may_repeat(const Text& rest, const Location& where) {
    const size_t cost = rest.size() + 1;
    if (cost > repetitions_) {
      diagnostics_.error(where, "too many repetitions");
      repetitions_ = 0;
      return false;
    }
    repetitions_ -= cost;
    return true;
  }

  SourceSet& sources_;
  const BlockContext& context_;
  Diagnostics& diagnostics_;
  Parameters parameters_;
  size_t repetitions_;
  TreeBuilder tree_;
  std::string directory_;
  size_t files_ = 0;
};

}  // namespace

Location Block::at(size_t index) const {
  if (index < words.size()) return words[index].loc;
  if (words.empty()) return {};
  Location where = words.back().loc;
  where.column += where.length;
  where.length = 1;
  return where;
}

std::string default_config_id() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return {};
  const std::string_view text = name.data();
  return std::string(text.substr(0, text.find('.')));
}

std::vector<Block> parse_blocks(SourceSet& sources, const Source& source, const BlockContext& context,
                                Diagnostics& diagnostics) {
  Reader reader(sources, context, diagnostics);
  reader.read(source);
  return reader.finish();
}

base::Result<std::vector<Block>> read_blocks(SourceSet& sources, const std::string& path, const BlockContext& context,
                                             Diagnostics& diagnostics) {
  const Source* source = TRY(sources.read(path));
  return parse_blocks(sources, *source, context, diagnostics);
}

}  // namespace cfg
