#include "lbd/tls/crt_list.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"
#include "cfg/suggest.h"
#include "lbd/config/bind_line.h"
#include "lbd/config/tls_words.h"

namespace lbd::tls {
namespace {

// One line: words between blanks, brackets being words of their own.
class LineReader {
 public:
  LineReader(const cfg::Source& source, uint32_t number)
      : source_(source), number_(number), line_(source.line(number)) {
    if (line_.ends_with('\r')) line_.remove_suffix(1);
  }

  // "" at the end or at a comment.
  cfg::Word next() {
    while (at_ < line_.size() && base::is_space(line_[at_])) ++at_;
    const size_t begin = at_;
    if (at_ == line_.size() || line_[at_] == '#') {
      at_ = line_.size();
      return {};
    }
    if (line_[at_] == '[' || line_[at_] == ']') {
      ++at_;
    } else {
      while (at_ < line_.size() && !base::is_space(line_[at_]) && line_[at_] != '[' && line_[at_] != ']') ++at_;
    }
    return word(begin, at_);
  }
  std::string_view between(size_t begin, size_t end) const { return line_.substr(begin, end - begin); }
  size_t position() const { return at_; }

 private:
  cfg::Word word(size_t begin, size_t end) const {
    const auto length = static_cast<uint32_t>(end - begin);
    return {std::string(line_.substr(begin, length)), {&source_, number_, static_cast<uint32_t>(begin + 1), length}};
  }

  const cfg::Source& source_;
  uint32_t number_;
  std::string_view line_;
  size_t at_ = 0;
};

// A word with its arguments, read by its row of the bind line.
bool read_option(cfg::Args& args, config::Bind& bind, cfg::Diagnostics& diagnostics) {
  const cfg::Word* word = args.next();
  const config::BindWord* row = cfg::Keywords<config::Bind>::find(word->text);
  if (!row || !(row->flags & config::kInCrtList)) {
    std::vector<std::string_view> known;
    base::Registered<config::BindWord>::for_each([&](const config::BindWord& other) {
      if (other.flags & config::kInCrtList) known.push_back(other.name);
    });
    args.error(row ? fmt::format("'{}' cannot stand in a crt-list", word->text)
                   : fmt::format("unknown option '{}'", word->text),
               row ? std::string() : cfg::did_you_mean(word->text, known));
    return false;
  }
  args.begin(*word);
  row->set(args, bind);
  if (args.failed()) return false;
  if (!row->pending.empty()) config::advise_pending(word->text, row->pending, word->loc, diagnostics);
  return true;
}

// The words in brackets.
bool read_options(const cfg::Statement& statement, CrtListLine& line, cfg::Diagnostics& diagnostics) {
  if (statement.words.empty()) return true;
  cfg::Environment none;
  cfg::Args args(statement, 0, diagnostics, none);
  config::Bind bind;
  while (args.peek())
    if (!read_option(args, bind, diagnostics)) return false;
  line.settings = std::move(bind.tls);
  return true;
}

bool read_line(LineReader& reader, CrtListLine& line, cfg::Diagnostics& diagnostics) {
  for (cfg::Word word = reader.next(); !word.text.empty(); word = reader.next()) {
    if (word.text == "]") {
      diagnostics.error(word.loc, "']' without '['");
      return false;
    }
    if (word.text == "[") {
      if (line.filtered)
        diagnostics.warning(word.loc, "options stand behind names", "they belong between the file and its names");
      cfg::Statement options;
      const size_t begin = reader.position();
      cfg::Word option;
      for (option = reader.next(); !option.text.empty() && option.text != "]"; option = reader.next())
        options.words.push_back(std::move(option));
      if (option.text.empty()) {
        diagnostics.error(word.loc, "the ']' that closes the options is missing");
        return false;
      }
      line.options = base::trim(reader.between(begin, reader.position() - 1));
      if (!options.words.empty()) options.loc = options.words.front().loc;
      if (!read_options(options, line, diagnostics)) return false;
      continue;
    }
    line.filtered = true;
    line.filters.push_back(word.text);
    std::string name = base::lower(word.text);
    if (name.starts_with('!'))
      line.except.push_back(name.substr(1));
    else
      line.names.push_back(std::move(name));
  }
  return true;
}

}  // namespace

std::vector<CrtListLine> parse_crt_list(const cfg::Source& source, cfg::Diagnostics& diagnostics) {
  std::vector<CrtListLine> out;
  for (uint32_t number = 1; number <= source.line_count(); ++number) {
    LineReader reader(source, number);
    CrtListLine line;
    line.number = number;
    line.file = reader.next();
    if (line.file.text.empty()) continue;
    if (line.file.text == "[" || line.file.text == "]") {
      diagnostics.error(line.file.loc, "a line of a crt-list begins with a file");
      continue;
    }
    if (read_line(reader, line, diagnostics)) out.push_back(std::move(line));
  }
  return out;
}

std::optional<CrtListLine> parse_use_line(const cfg::Statement& statement, StoredCertificate& files,
                                          cfg::Diagnostics& diagnostics) {
  cfg::Environment none;
  cfg::Args args(statement, 1, diagnostics, none);
  CrtListLine line;
  config::Bind bind;
  const std::pair<std::string_view, std::optional<std::string>*> kinds[] = {
      {"key", &files.key}, {"ocsp", &files.ocsp}, {"issuer", &files.issuer}, {"sctl", &files.sctl}};
  while (const cfg::Word* word = args.peek()) {
    auto kind =
        std::find_if(std::begin(kinds), std::end(kinds), [&](const auto& each) { return each.first == word->text; });
    if (word->text == "crt") {
      args.begin(*args.next());
      auto file = args.take<cfg::Word>();
      if (!file) return std::nullopt;
      line.file = std::move(*file);
    } else if (kind != std::end(kinds)) {
      args.begin(*args.next());
      auto file = args.take<std::string>();
      if (!file) return std::nullopt;
      *kind->second = std::move(*file);
    } else {
      const size_t begin = args.position();
      if (!read_option(args, bind, diagnostics)) return std::nullopt;
      for (size_t i = begin; i < args.position(); ++i)
        line.options.append(line.options.empty() ? "" : " ").append(statement[i]);
    }
  }
  if (line.file.text.empty()) {
    diagnostics.error(statement.loc, "'ssl-f-use' needs 'crt' and a file");
    return std::nullopt;
  }
  line.settings = std::move(bind.tls);
  return line;
}

}  // namespace lbd::tls
