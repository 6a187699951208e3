// Sections whose content other parts read: kept line by line, with their keywords checked (manual 3.5 to 3.10, 6,
// 10). A section without effect says so once.
#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "cfg/args.h"
#include "cfg/suggest.h"
#include "lbd/config/section.h"

namespace lbd::config {
namespace {

struct Kind {
  std::string_view name;
  std::string_view doc;
  std::string_view pending;  // "": nothing is lost
  std::span<const std::string_view> words;
};

constexpr std::string_view kMailers[] = {"mailer", "timeout"};
constexpr std::string_view kProgram[] = {"command", "user", "group", "option", "no"};
constexpr std::string_view kFcgi[] = {"acl", "docroot",     "index",     "log-stderr", "option",
                                      "no",  "pass-header", "path-info", "set-param"};
constexpr std::string_view kCrtStore[] = {"crt-base", "key-base", "load"};
constexpr std::string_view kAcme[] = {"account-key", "bits",      "challenge",  "contact",       "curves",
                                      "directory",   "keytype",   "map",        "provider-name", "acme-vars",
                                      "reuse-key",   "dns-delay", "dns-timeout"};
constexpr std::string_view kLogProfile[] = {"log-tag", "on"};
constexpr std::string_view kTraces[] = {"trace"};

constexpr Kind kKinds[] = {
    {"mailers", "Mail servers.", "", kMailers},
    {"program", "A program that the master starts.", "the program is not started", kProgram},
    {"fcgi-app", "A FastCGI application.", "FastCGI is not spoken", kFcgi},
    {"crt-store", "Certificates and keys by name.", "", kCrtStore},
    {"acme", "An ACME account.", "no certificates are fetched", kAcme},
    {"log-profile", "Log formats by step.", "log lines have the format of the proxy", kLogProfile},
    {"traces", "Traces for developers.", "", kTraces},
};

class OtherSectionReader : public Section {
 public:
  OtherSectionReader(const Kind& kind, size_t index, Loading& loading)
      : kind_(kind), index_(index), loading_(loading) {}
  void line(const cfg::Statement& statement) override {
    if (std::find(kind_.words.begin(), kind_.words.end(), statement[0]) == kind_.words.end()) {
      report_unknown(statement, 0, {kind_.words.begin(), kind_.words.end()}, kind_.name, loading_);
      return;
    }
    loading_.config.other_sections[index_].statements.push_back(statement);
  }

 private:
  const Kind& kind_;
  size_t index_;
  Loading& loading_;
};

template <size_t Index>
std::unique_ptr<Section> open(const cfg::Statement& header, Loading& loading) {
  const Kind& kind = kKinds[Index];
  Config::OtherSection section;
  section.kind = kind.name;
  section.location = header.loc;
  if (header.size() > 1 || (kind.name != "traces" && kind.name != "crt-store")) {
    section.name = section_name(header, loading);
    if (section.name.empty()) return nullptr;
  }
  if (!kind.pending.empty()) advise_pending(kind.name, kind.pending, header.loc, loading.diagnostics);
  loading.config.other_sections.push_back(std::move(section));
  return std::make_unique<OtherSectionReader>(kind, loading.config.other_sections.size() - 1, loading);
}

// A row for each kind.
struct Rows {
  SectionRow rows[std::size(kKinds)];
};
template <size_t... Index>
constexpr Rows rows_of(std::index_sequence<Index...>) {
  return {{{kKinds[Index].name, kKinds[Index].doc, open<Index>}...}};
}
constexpr Rows kRows = rows_of(std::make_index_sequence<std::size(kKinds)>());
const base::Registered<SectionRow> kEnrol(kRows.rows);

}  // namespace
}  // namespace lbd::config
