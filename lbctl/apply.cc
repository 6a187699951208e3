// apply, rollback, history: changes of the configuration of both nodes at once, and back.
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/fd.h"
#include "base/registry.h"
#include "base/strings.h"
#include "lbctl/command.h"
#include "lbctl/json.h"
#include "lbctl/rollout.h"
#include "lbctl/text.h"

namespace lbctl {
namespace {

constexpr std::string_view kUsage =
    "lbctl apply {-f [NODE=]LBD.CFG | -k [NODE=]VRRPD.CONF}… [-m NOTE] [--watch SECONDS] [--alone] [--json]\n"
    "lbctl rollback [REVISION] [-m NOTE] [--watch SECONDS] [--alone] [--json]\n"
    "lbctl history [--json]\n"
    "lbctl history REVISION [lbd|vrrpd]\n";
constexpr int kBadUsage = 2;
constexpr uint32_t kLongestWatch = 1800;
// What one frame between the nodes holds, with room for the rest of the message (ipc/channel.h).
constexpr size_t kMostText = 1000 * 1000;

volatile sig_atomic_t interrupt_asked = 0;

// From here on an interrupt is a wish to go back, which takes its time.
void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = [](int) { interrupt_asked = 1; };
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signal, &action, nullptr);
}

class RealPair final : public Pair {
 public:
  explicit RealPair(const Sockets& sockets) : sockets_(sockets), terminal_(isatty(STDERR_FILENO) != 0) {}
  ~RealPair() { progress(""); }

 private:
  base::Result<tandem::ChangeReply> order(const tandem::ChangeRequest& request) override {
    return lbctl::order(sockets_.syncd, request);
  }
  PairAnswers look() override { return ask_pair(sockets_); }
  void wait(base::Millis time) override { usleep(static_cast<useconds_t>(base::Micros(time).count())); }
  base::MonoTime now() override { return base::mono_now(); }
  bool interrupted() override { return interrupt_asked != 0; }
  // One line that is written over; nothing into files.
  void progress(const std::string& text) override {
    if (terminal_) print(stderr, fmt::format("\r\x1b[K{}", text));
  }

  const Sockets& sockets_;
  const bool terminal_;
};

std::string author() {
  if (const char* asked_by = getenv("SUDO_USER")) return asked_by;
  const passwd* user = getpwuid(getuid());
  return user ? user->pw_name : fmt::format("{}", getuid());
}

uint64_t random_number() {
  uint64_t number = 0;
  while (number == 0)
    if (::getrandom(&number, sizeof number, 0) != static_cast<ssize_t>(sizeof number)) abort();
  return number;
}

struct Options {
  RolloutPlan plan;
  bool json = false;
  std::vector<std::string> rest;  // words that are no options
};

// [NODE=]FILE
base::Status add_file(RolloutPlan& plan, const std::string& daemon, const std::string& word) {
  const size_t equals = word.find('=');
  const bool named = equals != word.npos && word.substr(0, equals).find('/') == word.npos;
  const std::string node = named ? word.substr(0, equals) : "";
  std::string text = TRY(base::read_file(named ? word.substr(equals + 1) : word));
  auto& files = plan.files[node];
  if (files.contains(daemon)) return base::Err(fmt::format("{}: there is a file of {} already", word, daemon));
  files[daemon] = std::move(text);
  size_t all = 0;
  for (const auto& [whose, texts] : plan.files)
    for (const auto& [name, each] : texts) all += each.size();
  if (all > kMostText)
    return base::Err(fmt::format("{}: {} bytes are more than the {} that the nodes pass on", word, all, kMostText));
  return {};
}

base::Result<Options> read_words(const std::vector<std::string>& words) {
  Options options;
  options.plan.change = random_number();
  options.plan.author = author();
  for (size_t i = 1; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (!word.starts_with("-")) {
      options.rest.push_back(word);
      continue;
    }
    if (word == "--json" || word == "--alone") {
      (word == "--json" ? options.json : options.plan.alone) = true;
      continue;
    }
    if (++i == words.size()) return base::Err(fmt::format("{} needs an argument", word));
    if (word == "-f" || word == "-k") {
      TRY(add_file(options.plan, word == "-f" ? "lbd" : "vrrpd", words[i]));
    } else if (word == "-m") {
      options.plan.note = words[i];
    } else if (word == "--watch") {
      const auto seconds = base::parse_int<uint32_t>(words[i]);
      if (!seconds || *seconds > kLongestWatch)
        return base::Err(fmt::format("--watch needs seconds, 0 to {}", kLongestWatch));
      options.plan.watch = base::Seconds(*seconds);
    } else {
      return base::Err(fmt::format("{} is not known", word));
    }
  }
  return options;
}

int refuse(const std::string& why) {
  print(stderr, fmt::format("lbctl: {}\n{}", why, kUsage));
  return kBadUsage;
}

int roll_out(const Invocation& invocation, const Options& options) {
  catch_interrupts();
  const RolloutReport report = [&] {
    RealPair pair(invocation.sockets);
    return roll_out(options.plan, pair);
  }();
  print(stdout, options.json ? render_report_json(report) : render_report(report));
  return static_cast<int>(report.outcome);
}

int apply(const Invocation& invocation) {
  auto options = read_words(invocation.words);
  if (!options) return refuse(options.error().text);
  if (!options->rest.empty()) return refuse(fmt::format("'{}' is one word too many", options->rest.front()));
  if (options->plan.files.empty()) return refuse("which files? -f, -k");
  return roll_out(invocation, *options);
}

// Of one node; "": of this one.
base::Result<tandem::ChangeReply> tell(const Invocation& invocation, const std::string& node, uint64_t revision) {
  tandem::ChangeRequest request;
  request.set_step(tandem::ChangeRequest::TELL);
  request.set_node(node);
  request.set_revision(revision);
  auto reply = order(invocation.sockets.syncd, request);
  if (reply && !reply->error().empty()) return base::Err(reply->error());
  return reply;
}

// What was in use before what is in use now.
base::Result<uint64_t> revision_before(const tandem::ChangeReply& told) {
  const int back = told.edited() ? 1 : 2;
  if (told.history_size() < back) return base::Err("there is no earlier revision");
  return told.history(told.history_size() - back).number();
}

int rollback(const Invocation& invocation) {
  auto options = read_words(invocation.words);
  if (!options) return refuse(options.error().text);
  if (options->rest.size() > 1 || !options->plan.files.empty()) return refuse("one revision, and no files");
  const auto find = [&]() -> base::Result<uint64_t> {
    if (options->rest.empty()) return revision_before(TRY(tell(invocation, "", 0)));
    const auto number = base::parse_int<uint64_t>(options->rest.front());
    if (!number || *number == 0)
      return base::Err(fmt::format("'{}' is not the number of a revision", options->rest.front()));
    return *number;
  };
  const auto revision = find();
  if (!revision) return print(stderr, fmt::format("lbctl: {}\n", revision.error().text)), 1;
  options->plan.revision = *revision;
  if (options->plan.note.empty()) options->plan.note = fmt::format("back to revision {}", *revision);
  return roll_out(invocation, *options);
}

struct Known {
  tandem::Revision revision;
  std::vector<std::string> nodes;  // that have it
};

std::string line_of(uint64_t number, const Known& known, size_t all_nodes) {
  const auto seconds = static_cast<time_t>(known.revision.wall_us() / 1'000'000);
  std::string line = fmt::format("{:>4}  {:%Y-%m-%d %H:%M:%S}  {}", number, fmt::localtime(seconds),
                                 known.revision.author().empty() ? "-" : printable(known.revision.author()));
  if (!known.revision.note().empty()) line += ": " + printable(known.revision.note());
  if (known.nodes.size() != all_nodes) line += fmt::format("  (only {})", fmt::join(known.nodes, ", "));
  return line + "\n";
}

int show_revision(const Invocation& invocation, const std::vector<std::string>& words) {
  const auto number = base::parse_int<uint64_t>(words[0]);
  if (!number || *number == 0) return refuse(fmt::format("'{}' is not the number of a revision", words[0]));
  const auto told = tell(invocation, "", *number);
  if (!told) return print(stderr, fmt::format("lbctl: {}\n", told.error().text)), 1;
  const std::string wanted = words.size() > 1 ? words[1] : "lbd";
  for (const tandem::ChangeFile& file : told->history(0).files())
    if (file.daemon() == wanted) return print(stdout, file.text()), 0;
  print(stderr, fmt::format("lbctl: there is no file of '{}' in revision {}\n", wanted, *number));
  return 1;
}

int show_history(const Invocation& invocation, bool json) {
  std::vector<std::string> nodes = {""};
  const PairAnswers pair = ask_pair(invocation.sockets);
  if (!pair.here.syncd) return print(stderr, fmt::format("lbctl: syncd: {}\n", pair.here.syncd.error().text)), 1;
  for (const OtherNode& other : pair.others) nodes.push_back(other.name);
  std::map<uint64_t, Known> all;
  std::string notes;
  bool good = true;
  size_t answered = 0;
  for (const std::string& node : nodes) {
    const std::string name = node.empty() ? pair.here.syncd->text("", "node") : node;
    const auto told = tell(invocation, node, 0);
    good = good && told;
    if (!told) {
      notes += fmt::format("{}: {}\n", name, printable(told.error().text));
      continue;
    }
    ++answered;
    for (const tandem::Revision& revision : told->history()) {
      Known& known = all[revision.number()];
      if (known.nodes.empty()) known.revision = revision;
      known.nodes.push_back(name);
    }
    if (told->edited() && told->last() != 0)
      notes += fmt::format("{}: the files were changed since, not by lbctl apply\n", name);
  }
  if (json) {
    std::string list;
    for (const auto& [number, known] : all) {
      std::string names;
      for (const std::string& name : known.nodes) names += (names.empty() ? "" : ",") + json_text(name);
      list +=
          fmt::format("{}{{\"revision\":{},\"nodes\":[{}]}}", list.empty() ? "" : ",", json_of(known.revision), names);
    }
    print(stdout, fmt::format("{{\"revisions\":[{}],\"notes\":{}}}\n", list, json_text(notes)));
  } else {
    for (const auto& [number, known] : all) print(stdout, line_of(number, known, answered));
    print(good ? stdout : stderr, notes);
  }
  return good ? 0 : 1;
}

int history(const Invocation& invocation) {
  const auto options = read_words(invocation.words);
  if (!options) return refuse(options.error().text);
  if (options->rest.size() > 2 || !options->plan.files.empty()) return refuse("one revision, and one file of it");
  return options->rest.empty() ? show_history(invocation, options->json) : show_revision(invocation, options->rest);
}

constexpr CommandRow kRows[] = {
    {.name = "apply",
     .doc = "{-f [NODE=]LBD.CFG | -k [NODE=]VRRPD.CONF}… [-m NOTE] [--watch SECONDS] [--alone] [--json]: the files on "
            "both nodes, or on none: "
            "checks them on both, applies them on one behind the other, and undoes it on both when one fails or the "
            "pair does worse within "
            "the time (10 s); exit code 0 done, 1 undone, 3 refused, nothing was changed. Needs applyd on both nodes",
     .run = apply},
    {.name = "rollback",
     .doc = "[REVISION] [-m NOTE] [--watch SECONDS] [--alone] [--json]: the files of that revision, or of the one "
            "before, likewise",
     .run = rollback},
    {.name = "history",
     .doc = "[REVISION [lbd|vrrpd]] [--json]: what was applied when by whom, or the file of a revision",
     .run = history}};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbctl
