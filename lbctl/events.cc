// events: what happened on both nodes, as one story.
#include <fmt/format.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <map>

#include "base/registry.h"
#include "lbctl/command.h"
#include "lbctl/query.h"
#include "lbctl/timeline.h"

namespace lbctl {
namespace {

constexpr std::string_view kUsage = "lbctl events [--since 90s|10m|2h|1d] [--follow] [--json]\n";
constexpr useconds_t kLook = 250'000;

struct Options {
  bool json = false, follow = false;
  std::optional<base::Seconds> since;
};

std::optional<Options> read_words(const std::vector<std::string>& words) {
  Options options;
  for (size_t i = 1; i < words.size(); ++i) {
    if (words[i] == "--json") {
      options.json = true;
    } else if (words[i] == "--follow") {
      options.follow = true;
    } else if (words[i] == "--since" && i + 1 < words.size()) {
      options.since = parse_span(words[++i]);
      if (!options.since) return std::nullopt;
    } else {
      return std::nullopt;
    }
  }
  return options;
}

// Who is asked, and what it told last.
class Listener {
 public:
  explicit Listener(const Sockets& sockets) : sockets_(sockets) {}

  // What is new. Without syncd the others say what they know themselves.
  base::Result<std::vector<Moment>> news() {
    auto all = ask(sockets_.syncd);
    if (all) return unseen(timeline(*all, base::wall_now()));
    if (!std::exchange(alone_told_, true))
      print(stderr, fmt::format("lbctl: syncd: {}; what happened on other nodes is not known\n", all.error().text));
    std::vector<tandem::EventsReply> own;
    bool any = false;
    for (const std::string& socket : {sockets_.lbd, sockets_.vrrpd}) {
      auto replies = ask(socket);
      if (!replies) continue;
      any = true;
      own.insert(own.end(), replies->begin(), replies->end());
    }
    if (!any) return base::Err("no daemon answers");
    return unseen(timeline(own, base::wall_now()));
  }

 private:
  // Another syncd, or the daemons themselves, tell once more what is known.
  std::vector<Moment> unseen(std::vector<Moment> moments) {
    std::erase_if(moments, [&](const Moment& moment) {
      uint64_t& last = seen_[{moment.event.daemon(), moment.event.generation()}];
      return moment.event.sequence() <= std::exchange(last, std::max(last, moment.event.sequence()));
    });
    return moments;
  }
  base::Result<std::vector<tandem::EventsReply>> ask(const std::string& socket) {
    tandem::EventsRequest& request = asked_[socket];
    auto replies = ask_events(socket, request, sockets_.patience);
    if (replies && !replies->empty()) {
      request.set_generation(replies->back().generation());
      request.set_arrived(replies->back().arrived());
    }
    return replies;
  }

  const Sockets& sockets_;
  std::map<std::string, tandem::EventsRequest> asked_;
  std::map<std::pair<int, uint64_t>, uint64_t> seen_;  // of each process the number of its last event
  bool alone_told_ = false;
};

void say(const std::vector<Moment>& moments, const Options& options, base::WallTime begin) {
  size_t wide = 0;
  for (const Moment& moment : moments) wide = std::max(wide, moment.node.size());
  for (const Moment& moment : moments) {
    if (moment.when < begin) continue;
    print(stdout, options.json ? render_moment_json(moment) : render_moment(moment, wide));
  }
  fflush(stdout);
}

int events(const Invocation& invocation) {
  const auto options = read_words(invocation.words);
  if (!options) {
    print(stderr, kUsage);
    return 2;
  }
  const base::WallTime begin = options->since ? base::wall_now() - *options->since : base::WallTime::min();
  Listener listener(invocation.sockets);
  auto moments = listener.news();
  if (!moments) {
    print(stderr, fmt::format("lbctl: {}\n", moments.error().text));
    return 1;
  }
  say(*moments, *options, begin);
  while (options->follow && !ferror(stdout)) {
    usleep(kLook);
    if (auto more = listener.news()) say(*more, *options, begin);
  }
  return 0;
}

constexpr CommandRow kRows[] = {
    {.name = "events",
     .doc = "[--since 10m] [--follow] [--json]: what happened on both nodes, as one story in the order of cause and "
            "effect: who became master and why, servers, reloads, links, starts and stops",
     .run = events}};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbctl
