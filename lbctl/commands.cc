#include <fmt/format.h>
#include <stdio.h>

#include <algorithm>

#include "base/registry.h"
#include "base/strings.h"
#include "lbctl/command.h"
#include "lbctl/status.h"

namespace lbctl {
namespace {

constexpr uint32_t kLongestDrain = 24 * 3600;

int status(const Invocation& invocation) {
  auto lbd = ask(invocation.sockets.lbd);
  auto vrrpd = ask(invocation.sockets.vrrpd);
  auto syncd = ask(invocation.sockets.syncd);
  if (std::find(invocation.words.begin(), invocation.words.end(), "--json") != invocation.words.end()) {
    print(stdout, render_json(lbd, vrrpd, syncd));
    return lbd || vrrpd || syncd ? 0 : 1;
  }
  print(stdout, render_lbd(lbd));
  print(stdout, render_vrrpd(vrrpd, base::wall_now()));
  print(stdout, render_syncd(syncd));
  return lbd || vrrpd || syncd ? 0 : 1;
}

int failover(const Invocation& invocation) {
  tandem::HandOver wanted;
  for (size_t i = 1; i < invocation.words.size(); ++i) {
    if (invocation.words[i] == "--force") {
      wanted.set_force(true);
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
    {.name = "status", .doc = "[--json]: the daemons of this node, and the other node as they see it", .run = status},
    {.name = "failover",
     .doc = "[INSTANCE] [--force] [--drain SECONDS]: hand over to the other node, if it is ready; the exit code says "
            "whether it has it. Connections that are open go on here, for 30 s at most",
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
