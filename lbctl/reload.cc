// reload: the daemons of this node take their files anew, and whether they did.
#include <fmt/format.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>

#include "base/registry.h"
#include "base/strings.h"
#include "lbctl/command.h"
#include "lbctl/query.h"

namespace lbctl {
namespace {

constexpr std::string_view kUsage = "lbctl reload [lbd] [vrrpd]\n";
constexpr base::Seconds kPatience{10};
constexpr base::Millis kLook{20};

// The master answers when the new worker serves, or has failed.
base::Status reload_lbd(const Sockets& sockets) {
  const std::string answer = TRY(run_cli(sockets.master, "reload"));
  if (answer.starts_with("Success=1")) return {};
  const size_t log = answer.find("--\n");
  return base::Err(fmt::format("it goes on with the files that it has:\n{}",
                               base::trim(log == answer.npos ? answer : answer.substr(log + 3))));
}

// What it says of its reloads behind the event with that number; "": nothing yet.
std::string told_of_reload(const Sockets& sockets, tandem::EventsRequest& after) {
  const auto replies = ask_events(sockets.vrrpd, after, kPatience);
  if (!replies) return {};
  std::string told;
  for (const tandem::EventsReply& reply : *replies) {
    after.set_generation(reply.generation());
    after.set_arrived(reply.arrived());
    for (const tandem::Events& node : reply.nodes())
      for (const tandem::Event& event : node.events())
        if (event.kind() == "reload") told = event.text();
  }
  return told;
}

base::Status reload_vrrpd(const Sockets& sockets) {
  const Answer answer = TRY(ask(sockets.vrrpd, kPatience));
  tandem::EventsRequest after;
  (void)told_of_reload(sockets, after);
  if (::kill(static_cast<pid_t>(answer.hello.pid()), SIGHUP) != 0) return base::Err(base::Error::from_errno("kill"));
  const base::MonoTime end = base::mono_now() + kPatience;
  while (base::mono_now() < end) {
    const std::string told = told_of_reload(sockets, after);
    if (told.starts_with("failed")) return base::Err(told);
    if (!told.empty()) return {};
    usleep(static_cast<useconds_t>(base::Micros(kLook).count()));
  }
  return base::Err(fmt::format("it has not said in {} s that it has read its file", kPatience.count()));
}

struct Daemon {
  std::string_view name;
  base::Status (*reload)(const Sockets& sockets);
};
constexpr Daemon kDaemons[] = {{"lbd", reload_lbd}, {"vrrpd", reload_vrrpd}};

int reload(const Invocation& invocation) {
  const std::vector<std::string> wanted(invocation.words.begin() + 1, invocation.words.end());
  for (const std::string& name : wanted)
    if (std::none_of(std::begin(kDaemons), std::end(kDaemons), [&](const Daemon& one) { return one.name == name; })) {
      print(stderr, kUsage);
      return 2;
    }
  bool good = true;
  for (const Daemon& daemon : kDaemons) {
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), daemon.name) == wanted.end()) continue;
    const base::Status done = daemon.reload(invocation.sockets);
    print(done ? stdout : stderr,
          fmt::format("{:<6} {}\n", daemon.name, done ? "reloaded" : "not reloaded: " + done.error().text));
    good = good && done;
  }
  return good ? 0 : 1;
}

constexpr CommandRow kRows[] = {{.name = "reload",
                                 .doc = "[lbd] [vrrpd]: they take their files anew; the exit code says whether both "
                                        "did. Who did not goes on with what he "
                                        "had",
                                 .run = reload}};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbctl
