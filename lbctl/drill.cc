// drill: a rehearsed failover in a quiet moment, with a report.
#include <fmt/format.h>
#include <stdio.h>
#include <unistd.h>

#include <optional>

#include "base/registry.h"
#include "base/strings.h"
#include "lbctl/certificates.h"
#include "lbctl/command.h"
#include "lbctl/rehearsal.h"

namespace lbctl {
namespace {

constexpr std::string_view kUsage =
    "lbctl drill [INSTANCE] [--quiet CONNECTIONS] [--wait SECONDS] [--stay SECONDS] [--json]\n";
constexpr uint32_t kLongest = 24 * 3600;

class RealStage final : public Stage {
 public:
  explicit RealStage(const Sockets& sockets) : sockets_(sockets), terminal_(isatty(STDERR_FILENO) != 0) {}
  ~RealStage() { progress(""); }

 private:
  PairAnswers look() override {
    return ask_pair(sockets_, with_ending_certificates(kCertificateDays, base::wall_now()));
  }
  base::Result<tandem::HandedOver> hand_over(const tandem::HandOver& wanted) override {
    progress(wanted.take() ? "taking the addresses back" : "handing the addresses over");
    return lbctl::hand_over(sockets_.vrrpd, wanted);
  }
  void wait(base::Millis time) override { usleep(static_cast<useconds_t>(time.count() * 1000)); }
  base::MonoTime now() override { return base::mono_now(); }
  // One line that is written over; nothing into files.
  void progress(const std::string& text) override {
    if (terminal_) print(stderr, fmt::format("\r\x1b[K{}", text));
  }

  const Sockets& sockets_;
  const bool terminal_;
};

struct Options {
  RehearsalPlan plan;
  bool json = false;
};

std::optional<Options> read_words(const std::vector<std::string>& words) {
  Options options;
  for (size_t i = 1; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--json") {
      options.json = true;
      continue;
    }
    if (!word.starts_with("-")) {
      options.plan.instance = word;
      continue;
    }
    const auto number = ++i < words.size() ? base::parse_int<uint32_t>(words[i]) : std::nullopt;
    if (!number || (word != "--quiet" && *number > kLongest)) return std::nullopt;
    if (word == "--quiet")
      options.plan.most_connections = *number;
    else if (word == "--wait")
      options.plan.patience = base::Seconds(*number);
    else if (word == "--stay")
      options.plan.stay = base::Seconds(*number);
    else
      return std::nullopt;
  }
  return options;
}

int drill(const Invocation& invocation) {
  const auto options = read_words(invocation.words);
  if (!options) {
    print(stderr, kUsage);
    return 2;
  }
  const RehearsalReport report = [&] {
    RealStage stage(invocation.sockets);
    return rehearse(options->plan, stage);
  }();
  print(stdout, options->json ? render_report_json(report) : render_report(report));
  return static_cast<int>(report.outcome);
}

constexpr CommandRow kRows[] = {{.name = "drill",
                                 .doc = "[INSTANCE] [--quiet CONNECTIONS] [--wait SECONDS] [--stay SECONDS] [--json]: "
                                        "a rehearsed failover: hands over to "
                                        "the other node in a quiet moment, looks how both do, and takes the addresses "
                                        "back; exit code 0 done, 1 failed, "
                                        "3 the pair is not ready, 4 no quiet moment came",
                                 .run = drill}};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbctl
