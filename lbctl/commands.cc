#include <fmt/format.h>
#include <fmt/ranges.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>

#include "base/registry.h"
#include "base/strings.h"
#include "lbctl/certificates.h"
#include "lbctl/command.h"
#include "lbctl/status.h"
#include "lbctl/verdict.h"

namespace lbctl {
namespace {

constexpr uint32_t kLongestDrain = 24 * 3600;

bool take_word(std::vector<std::string>& words, std::string_view word) {
  return std::erase(words, word) > 0;
}

int say_status(const Sockets& sockets, uint32_t days, bool json, std::string_view before) {
  const base::WallTime now = base::wall_now();
  const PairAnswers pair = ask_pair(sockets, with_ending_certificates(days, now));
  const Verdict verdict = judge(pair, {.now = now, .certificate_days = days});
  const std::string text = json ? render_json(pair, verdict)
                                : render_verdict(verdict) + render_lbd(pair.here.lbd) +
                                      render_vrrpd(pair.here.vrrpd, now) + render_syncd(pair.here.syncd) +
                                      render_others(pair, now);
  print(stdout, fmt::format("{}{}", before, text));
  fflush(stdout);
  return static_cast<int>(verdict.health);
}

// Until it is interrupted, or nobody reads any more.
int watch_status(const Sockets& sockets, uint32_t days, bool json) {
  const bool terminal = isatty(STDOUT_FILENO) != 0;
  constexpr std::string_view kTopOfScreen = "\x1b[H\x1b[2J";
  std::string_view before = terminal ? kTopOfScreen : "";
  int health = 0;
  while (!ferror(stdout)) {
    health = say_status(sockets, days, json, before);
    if (!terminal && !json) before = "\n";
    sleep(1);
  }
  return health;
}

int status(const Invocation& invocation) {
  std::vector<std::string> words = invocation.words;
  const bool json = take_word(words, "--json"), watch = take_word(words, "--watch");
  uint32_t days = kCertificateDays;
  if (words.size() == 3 && words[1] == "--days") {
    const auto number = base::parse_int<uint32_t>(words[2]);
    if (number && *number <= kMostCertificateDays) {
      days = *number;
      words.resize(1);
    }
  }
  if (words.size() > 1) {
    print(stderr, fmt::format("lbctl: status does not know '{}': --json, --watch, --days 0..{}\n",
                              fmt::join(words.begin() + 1, words.end(), " "), kMostCertificateDays));
    return static_cast<int>(Health::unknown);
  }
  const Sockets& sockets = invocation.sockets;
  return watch ? watch_status(sockets, days, json) : say_status(sockets, days, json, "");
}

int failover(const Invocation& invocation) {
  tandem::HandOver wanted;
  for (size_t i = 1; i < invocation.words.size(); ++i) {
    if (invocation.words[i] == "--force") {
      wanted.set_force(true);
    } else if (invocation.words[i] == "--take") {
      wanted.set_take(true);
    } else if (invocation.words[i] == "--drain") {
      const auto seconds =
          ++i < invocation.words.size() ? base::parse_int<uint32_t>(invocation.words[i]) : std::nullopt;
      if (!seconds || *seconds > kLongestDrain) {
        print(stderr, fmt::format("lbctl: --drain needs seconds, 0 to {}\n", kLongestDrain));
        return 2;
      }
      wanted.set_drain_ms(*seconds * 1000);
    } else {
      wanted.set_instance(invocation.words[i]);
    }
  }
  if (wanted.take() && wanted.has_drain_ms()) {
    print(stderr, "lbctl: with --take the other node decides how long connections go on there\n");
    return 2;
  }
  auto result = hand_over(invocation.sockets.vrrpd, wanted);
  const std::string text = result ? result->text() : fmt::format("vrrpd: {}", result.error().text);
  const bool done = result && result->done();
  print(done ? stdout : stderr, done ? text + "\n" : fmt::format("lbctl: {}\n", text));
  return done ? 0 : 1;
}

int pass_on(const Invocation& invocation, size_t from) {
  std::string line;
  for (size_t i = from; i < invocation.words.size(); ++i) line += (i == from ? "" : " ") + invocation.words[i];
  auto answer = run_cli(invocation.sockets.stats, line);
  if (!answer) {
    print(stderr, fmt::format("lbctl: {}\n", answer.error().text));
    return 1;
  }
  print(stdout, *answer);
  return 0;
}

// What lbd answers in JSON when asked for it.
int show(const Invocation& invocation) {
  Invocation asked = invocation;
  const size_t json = std::erase(asked.words, "--json");
  const std::string_view what = asked.words.size() > 1 ? std::string_view(asked.words[1]) : std::string_view();
  if (json && what != "info" && what != "stat" && what != "pair" && what != "all" && what != "schema") {
    print(stderr, "lbctl: there is JSON of: show all, show info, show pair, show schema, show stat\n");
    return 2;
  }
  if (json) asked.words.push_back("json");
  return pass_on(asked, 0);
}

constexpr CommandRow kRows[] = {
    {.name = "status",
     .doc = "[--json] [--watch] [--days DAYS]: the daemons of this node, and what those of the other node say of "
            "themselves; certificates that end within 14 days (--days) are told, too. Exit code 0 all is well, 1 "
            "degraded, 2 this node cannot serve, 3 no daemon answers",
     .run = status},
    {.name = "failover",
     .doc = "[INSTANCE] [--force] [--drain SECONDS | --take]: hand over to the other node, if it is ready, or take "
            "what it "
            "has; the exit code says whether that is done. Connections that are open go on where they are, for 30 s at "
            "most",
     .run = failover},
    {.name = "show",
     .doc = "… [--json]: a 'show' command of lbd's runtime API; 'show all --json' is everything in one object",
     .run = show},
    {.name = "cli",
     .doc = "WORDS: any command of lbd's runtime API",
     .run = [](const Invocation& invocation) { return pass_on(invocation, 1); }},
};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbctl
