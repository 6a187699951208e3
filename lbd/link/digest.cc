#include "lbd/link/digest.h"

#include <fmt/format.h>

#include <algorithm>

#include "ipc/seal.h"

namespace lbd::link {
namespace {

constexpr std::string_view kOwnWords[] = {"localpeer", "node", "description"};
constexpr size_t kDigest = 16;

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

// Its words with one blank between them, "" when there are none. Quotes and escapes stay (cfg/words.h says what they
// mean); only what they protect is told from comments and blanks.
std::string bare(std::string_view line) {
  std::string out;
  char quote = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (!quote && c == '#') break;
    if (!quote && is_blank(c)) {
      if (!out.empty() && out.back() != ' ') out += ' ';
      continue;
    }
    if (quote ? c == quote : c == '"' || c == '\'') quote = quote ? char{0} : c;
    out += c;
    if (c == '\\' && quote != '\'' && i + 1 < line.size()) out += line[++i];
  }
  if (!quote && out.ends_with(' ') && !out.ends_with("\\ ")) out.pop_back();
  return out;
}

// What counts of a file.
std::string essence(const cfg::Source& source) {
  std::string text;
  for (uint32_t number = 1; number <= source.line_count(); ++number) {
    const std::string line = bare(source.line(number));
    const std::string first = line.substr(0, line.find(' '));
    if (line.empty() || std::find(std::begin(kOwnWords), std::end(kOwnWords), first) != std::end(kOwnWords)) continue;
    text += line;
    text += '\n';
  }
  return text;
}

std::string digest(std::string_view text) {
  return ipc::hmac_sha256("tandem configuration 1", text).substr(0, kDigest);
}

}  // namespace

std::string configuration_digest(const cfg::SourceSet& sources) {
  std::string text;
  for (const auto& source : sources.all()) text += essence(*source);
  return digest(text);
}

std::vector<FileDigest> file_digests(const cfg::SourceSet& sources) {
  std::vector<FileDigest> out;
  for (const auto& source : sources.all()) out.push_back({source->name(), digest(essence(*source))});
  return out;
}

std::string digest_outline(const cfg::SourceSet& sources) {
  std::string out;
  for (const FileDigest& file : file_digests(sources)) {
    out += fmt::format("file\t{}\t", file.name);
    for (const char byte : file.digest) out += fmt::format("{:02x}", static_cast<uint8_t>(byte));
    out += '\n';
  }
  return out;
}

}  // namespace lbd::link
