// wait: an answer that comes later: after a delay, or as soon as a server has nothing more to do. So one line of a
// script can say: set server web/s1 state maint; wait 30s srv-removable web/s1. Manual: HAProxy 3, management 9.3.
#include <fmt/format.h>

#include <memory>

#include "base/ev.h"
#include "cfg/value.h"
#include "lbd/cli/command.h"

namespace lbd::cli {
namespace {

constexpr base::Millis kStep{50};  // between two looks at a condition

// What is waited for at a server: that it is in maintenance and nobody uses it.
struct Quiet {
  std::string backend = {}, name = {};  // "": nothing but time

  // Null: it has gone meanwhile.
  const server::Server* server(const Services& services) const {
    const server::Backend* its = services.objects.find_backend(backend);
    return its ? its->find_server(name) : nullptr;
  }
  static bool reached(Services& services, const server::Server& server) {
    if (server.served() > 0) return false;
    stats::CounterBlocks& blocks = services.statistics.blocks();
    for (size_t worker = 0; worker < blocks.workers(); ++worker) {
      const server::Counters& counters = blocks.at(worker, server.slot());
      if (counters.idle_safe.get() + counters.idle_unsafe.get() > 0) return false;
    }
    return true;
  }
};

class Wait {
 public:
  Wait(Services& services, base::Nanos delay, Quiet quiet, std::function<void()> wake)
      : services_(services),
        deadline_(base::mono_now() + delay),
        quiet_(std::move(quiet)),
        wake_(std::move(wake)),
        timer_(*services.loop) {
    timer_.bind<&Wait::on_timer>(this);
  }

  More more(std::string& answer) {
    const base::MonoTime now = base::mono_now();
    const bool conditional = !quiet_.name.empty();
    if (conditional) {
      const server::Server* server = quiet_.server(services_);
      if (!server) return end(answer, "No such server.");
      if (!(server->admin() & server::kMaintenance)) return end(answer, "Server must be in maintenance mode.");
      if (Quiet::reached(services_, *server)) return end(answer, "Done.");
    }
    if (now >= deadline_) {
      if (conditional) answer += "Wait delay exceeded.\n";
      return More::done;
    }
    timer_.start_at(conditional ? std::min<base::MonoTime>(deadline_, now + kStep) : deadline_);
    return More::waits;
  }

 private:
  static More end(std::string& answer, std::string_view text) {
    answer += text;
    answer += '\n';
    return More::done;
  }
  void on_timer() { wake_(); }

  Services& services_;
  const base::MonoTime deadline_;
  const Quiet quiet_;
  const std::function<void()> wake_;
  base::Timer timer_;
};

void wait(Invocation& invocation) {
  const std::string_view text = invocation.argument(0), condition = invocation.argument(1);
  if (text == "-h" || condition == "-h")
    return invocation.say(
        "Usage: wait {-h|<duration>} [condition [args...]]\n"
        "Wait for <duration> or until <condition> is satisfied.\n"
        "The following conditions are supported:\n"
        "   srv-removable <px>/<sv> : wait for this server to be removable");
  if (text.empty()) return invocation.refuse("Expects a duration in milliseconds.");
  const auto delay = cfg::parse_time(text);
  if (!delay) return invocation.refuse("Invalid duration.");
  Quiet quiet;
  if (condition == "srv-removable") {
    const server::Server* server = find_server(invocation, invocation.argument(2));
    if (!server) return;
    quiet = {server->backend().name(), server->name()};
  } else if (!condition.empty()) {
    return invocation.refuse("Unknown condition. Use 'wait -h' for help.");
  }
  if (!invocation.services.loop) return;
  auto waiting = std::make_shared<Wait>(invocation.services, *delay, quiet, invocation.wake);
  invocation.more = [waiting](std::string& answer) { return waiting->more(answer); };
}

constexpr CommandRow kRows[] = {
    {.name = "wait",
     .usage = "{-h|<delay>} [cond [args]]",
     .doc = "wait the specified delay or condition",
     .run = wait},
};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::cli
