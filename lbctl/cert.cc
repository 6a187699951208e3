// cert: the certificates of both nodes, when they end, and which lines show them.
#include <fmt/format.h>
#include <stdio.h>

#include <algorithm>

#include "base/registry.h"
#include "base/strings.h"
#include "lbctl/certificate_text.h"
#include "lbctl/command.h"

namespace lbctl {
namespace {

// For scripts.
enum Exit : int { kFine = 0, kNothing = 1, kUsage = 2, kNearEnd = 3, kEnded = 4 };

struct Options {
  std::string name;
  std::optional<uint32_t> days;  // only those that end so soon
  bool json = false;
};

std::optional<Options> read_words(const std::vector<std::string>& words) {
  Options options;
  for (size_t i = 1; i < words.size(); ++i) {
    if (words[i] == "--json") {
      options.json = true;
    } else if (words[i] == "--days") {
      options.days = ++i < words.size() ? base::parse_int<uint32_t>(words[i]) : std::nullopt;
      if (!options.days || *options.days > kMostCertificateDays) return std::nullopt;
    } else if (words[i].empty() || words[i].starts_with('-') || !options.name.empty()) {
      return std::nullopt;
    } else {
      options.name = words[i];
    }
  }
  if (!options.name.empty() && options.days) return std::nullopt;
  return options;
}

int exit_code(const std::vector<NodeCertificates>& nodes, uint32_t days, base::WallTime now) {
  CertificateState worst = CertificateState::good;
  for (const NodeCertificates& node : nodes)
    for (const Certificate& certificate : node.list.certificates())
      worst = std::max(worst, note_of(certificate, days, now).state);
  if (worst < CertificateState::near_end) return nodes.front().error.empty() ? kFine : kNothing;
  return worst == CertificateState::near_end ? kNearEnd : kEnded;
}

int cert(const Invocation& invocation) {
  const auto options = read_words(invocation.words);
  if (!options) {
    print(stderr, fmt::format("lbctl cert [NAME | --days 0..{}] [--json]\n", kMostCertificateDays));
    return kUsage;
  }
  const base::WallTime now = base::wall_now();
  const uint32_t days = options->days.value_or(kCertificateDays);
  tandem::StatsRequest wanted = with_ending_certificates(days, now);
  wanted.mutable_certificates()->clear_most();
  wanted.mutable_certificates()->clear_shown();
  if (!options->days) wanted.mutable_certificates()->clear_ends_before();
  wanted.mutable_certificates()->set_name(options->name);
  const std::vector<NodeCertificates> nodes = certificates_of(ask_pair(invocation.sockets, wanted));
  const bool none =
      std::all_of(nodes.begin(), nodes.end(), [](const auto& node) { return node.list.certificates().empty(); });
  if (options->json)
    print(stdout, render_certificates_json(nodes, days, now));
  else if (!options->name.empty() && none && nodes.front().error.empty())
    print(stderr, fmt::format("lbctl: there is no certificate '{}'\n", options->name));
  else
    print(stdout, options->name.empty() ? render_list(nodes, days, now) : render_details(nodes, days, now));
  return none && !options->name.empty() ? kNothing : exit_code(nodes, days, now);
}

constexpr CommandRow kRows[] = {
    {.name = "cert",
     .doc = "[NAME | --days DAYS] [--json]: the certificates of both nodes, when they end, and which lines show them; "
            "those that end within so many days; or all of one. Exit code 3: some end within 14 days (--days), 4: some "
            "has ended",
     .run = cert}};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbctl
