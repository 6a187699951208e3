// The words of a bind line that are not TLS: manual 5.1.
#include <fmt/format.h>

#include "base/strings.h"
#include "lbd/config/bind_line.h"

namespace lbd::config {
namespace {

// "660" as chmod takes it.
void set_mode(cfg::Args& args, Bind& bind) {
  auto word = args.take<std::string>();
  if (!word) return;
  auto mode = base::parse_int<uint32_t>(*word, 8);
  if (!mode || *mode > 07777)
    args.error(fmt::format("'mode' expects octal permissions such as 660, not '{}'", *word));
  else
    bind.mode = *mode;
}

void set_level(cfg::Args& args, Bind& bind) {
  if (auto level = args.take_choice({"user", "operator", "admin"})) bind.level = static_cast<CliLevel>(*level);
}

void set_expose(cfg::Args& args, Bind& bind) {
  if (args.take_choice({"listeners"})) bind.expose_listeners = true;
}

void set_severity_output(cfg::Args& args, Bind& bind) {
  const std::vector<std::string_view> kinds = {"none", "number", "string"};
  if (auto kind = args.take_choice(kinds)) bind.severity_output = kinds[*kind];
}

void set_nice(cfg::Args& args, Bind& bind) {
  if (auto nice = args.take<int32_t>({-1024, 1024})) bind.nice = *nice;
}

void set_mss(cfg::Args& args, Bind& bind) {
  if (auto mss = args.take<int32_t>({-65535, 65535})) bind.mss = *mss;
}

// [GROUP/]SET[,…], a SET being all, odd, even, N or N-M; 0 is what is none. There is one group here.
uint64_t parse_threads(std::string_view text) {
  constexpr uint32_t kMost = 64;
  uint64_t threads = 0;
  for (std::string_view set : base::split(text, ',')) {
    set.remove_prefix(set.find('/') + 1);
    const size_t dash = set.find('-');
    if (set == "all") {
      threads = ~uint64_t{0};
    } else if (set == "odd") {
      threads |= 0x5555555555555555;
    } else if (set == "even") {
      threads |= 0xaaaaaaaaaaaaaaaa;
    } else {
      auto first = base::parse_int<uint32_t>(set.substr(0, dash));
      auto last = dash == std::string_view::npos ? first : base::parse_int<uint32_t>(set.substr(dash + 1));
      if (!first || !last || *first < 1 || *first > *last || *last > kMost) return 0;
      for (uint32_t thread = *first; thread <= *last; ++thread) threads |= uint64_t{1} << (thread - 1);
    }
  }
  return threads;
}

void set_thread(cfg::Args& args, Bind& bind) {
  auto set = args.take<std::string>();
  if (!set) return;
  bind.threads = parse_threads(*set);
  if (!bind.threads)
    args.error(fmt::format("'{}' expects all, odd, even, or numbers such as 1-4, not '{}'", args.name(), *set));
}

void set_process(cfg::Args& args, Bind& bind) {
  set_thread(args, bind);
  if (args.failed()) return;
  const std::string& set = args.statement().words[args.position() - 1].text;
  args.diagnostics().warning(args.last(), "'process' is an old word",
                             fmt::format("the modern form is: thread {}", set.substr(set.find('/') + 1)));
}

void set_defer_accept(cfg::Args&, Bind& bind) {
  bind.defer_accept = true;
}

constexpr BindWord kRows[] = {
    {.name = "accept-proxy",
     .doc = "The connection begins with a PROXY header (v1 or v2).",
     .set = cfg::field<&Bind::accept_proxy>()},
    {.name = "accept-netscaler-cip",
     .doc = "The connection begins with a NetScaler client IP header.",
     .set = cfg::field<&Bind::netscaler_cip>()},
    {.name = "backlog",
     .doc = "Length of the kernel's queue of new connections.",
     .set = cfg::field<&Bind::backlog>({0, 2147483647})},
    {.name = "defer-accept", .doc = "Accept a connection only when its first data is there.", .set = set_defer_accept},
    {.name = "expose-fd",
     .doc = "expose-fd listeners: a new process may fetch the listening sockets.",
     .set = set_expose},
    {.name = "gid", .doc = "Numeric group of the Unix socket.", .set = cfg::field<&Bind::gid>()},
    {.name = "group", .doc = "Group of the Unix socket.", .set = cfg::field<&Bind::group>()},
    {.name = "guid",
     .doc = "A name that stays the same over reloads; nothing here is looked up by it.",
     .set = cfg::field<&Bind::guid>(),
     .flags = kHint},
    {.name = "id", .doc = "Numeric id of the socket in the statistics.", .set = cfg::field<&Bind::id>({1, 2147483647})},
    {.name = "interface", .doc = "Accept only what comes in on this interface.", .set = cfg::field<&Bind::interface>()},
    {.name = "label", .doc = "A free text that names the line.", .set = cfg::field<&Bind::label>(), .flags = kHint},
    {.name = "level", .doc = "What the runtime API may do on this socket: user, operator, admin.", .set = set_level},
    {.name = "maxconn", .doc = "Most connections on this socket at a time.", .set = cfg::field<&Bind::maxconn>()},
    {.name = "mode", .doc = "Octal permissions of the Unix socket.", .set = set_mode},
    {.name = "mss", .doc = "TCP maximum segment size to offer.", .set = set_mss},
    {.name = "name", .doc = "Name of the socket in the statistics.", .set = cfg::field<&Bind::name>()},
    {.name = "namespace", .doc = "Network namespace to listen in.", .set = cfg::field<&Bind::namespace_name>()},
    {.name = "nice",
     .doc = "Priority of the connections, -1024 to 1024; only HAProxy's scheduler has it.",
     .set = set_nice,
     .flags = kHint},
    {.name = "process", .doc = "Which threads accept (old word for thread).", .set = set_process},
    {.name = "proto",
     .doc = "Protocol that every connection of this socket speaks: h1, h2, none.",
     .set = cfg::field<&Bind::proto>()},
    {.name = "severity-output",
     .doc = "Severity before each answer of the runtime API: none, number, string.",
     .set = set_severity_output},
    {.name = "shards",
     .doc = "How many sockets share the address; each thread has its own here.",
     .set = cfg::field<&Bind::shards>(),
     .flags = kHint},
    {.name = "tcp-ut",
     .doc = "TCP user timeout: how long sent data may stay unacknowledged.",
     .set = cfg::field<&Bind::tcp_user_timeout>()},
    {.name = "tfo", .doc = "TCP Fast Open.", .set = cfg::field<&Bind::tfo>()},
    {.name = "thread", .doc = "Which threads accept.", .set = set_thread},
    {.name = "transparent",
     .doc = "Bind an address even when the machine does not have it.",
     .set = cfg::field<&Bind::transparent>()},
    {.name = "uid", .doc = "Numeric owner of the Unix socket.", .set = cfg::field<&Bind::uid>()},
    {.name = "user", .doc = "Owner of the Unix socket.", .set = cfg::field<&Bind::user>()},
    {.name = "v4v6", .doc = "An IPv6 wildcard socket takes IPv4 too.", .set = cfg::field<&Bind::v4v6>()},
    {.name = "v6only", .doc = "An IPv6 wildcard socket takes IPv6 only.", .set = cfg::field<&Bind::v6only>()},
};
const base::Registered<BindWord> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
