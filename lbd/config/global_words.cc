// The words of `global` about the process: manual 3.1 and 3.3.
#include <fmt/format.h>

#include "base/strings.h"
#include "lbd/config/bind_line.h"
#include "lbd/config/global_section.h"
#include "lbd/config/log_line.h"

namespace lbd::config {
namespace {

void add_log(cfg::Args& args, Global& global) {
  if (args.form() != cfg::Form::plain) {
    global.logs.clear();
    return;
  }
  if (auto log = parse_log_line(args)) global.logs.push_back(std::move(*log));
}

void set_log_send_hostname(cfg::Args& args, Global& global) {
  global.log_send_hostname = "";
  if (!args.at_end()) global.log_send_hostname = args.take<std::string>();
}

void add_stats_socket(cfg::Args& args, Global& global) {
  Bind bind;
  if (parse_bind_line(args, bind, BindUse::runtime_api, "global")) global.stats_sockets.push_back(std::move(bind));
}

void set_description(cfg::Args& args, Global& global) {
  global.description.clear();
  for (const cfg::Word& word : args.rest()) global.description += (global.description.empty() ? "" : " ") + word.text;
}

void set_master_worker(cfg::Args& args, Global& global) {
  args.accept("no-exit-on-failure");
  global.master_worker = true;
}

void old_nbproc(cfg::Args& args, Global&) {
  if (args.take<uint32_t>())
    args.diagnostics().warning(args.statement().loc, "'nbproc' is an old word: there is one process of several threads",
                               "the modern form is: nbthread");
}

void set_checks(cfg::Args& args, Global& global) {
  if (auto whose = args.take_choice({"shared", "own"})) global.own_checks = *whose == 1;
}

void set_strict_limits(cfg::Args& args, Global& global) {
  global.strict_limits = args.form() == cfg::Form::plain;
}

// prefix P | mode M | user U | uid N | group G | gid N
void set_unix_bind(cfg::Args& args, Global& global) {
  while (const cfg::Word* word = args.peek()) {
    args.next();
    args.begin(*word);
    UnixBind& out = global.unix_bind;
    if (word->text == "prefix") {
      if (auto text = args.take<std::string>()) out.prefix = *text;
    } else if (word->text == "mode") {
      auto text = args.take<std::string>();
      auto mode = text ? base::parse_int<uint32_t>(*text, 8) : std::nullopt;
      if (text && !mode) args.error("'mode' expects octal permissions such as 660");
      out.mode = mode;
    } else if (word->text == "user") {
      if (auto text = args.take<std::string>()) out.user = *text;
    } else if (word->text == "group") {
      if (auto text = args.take<std::string>()) out.group = *text;
    } else if (word->text == "uid") {
      out.uid = args.take<uint32_t>();
    } else if (word->text == "gid") {
      out.gid = args.take<uint32_t>();
    } else {
      args.error(fmt::format("unknown word '{}' of unix-bind", word->text),
                 "known are prefix, mode, user, uid, group and gid");
    }
    if (args.failed()) return;
  }
}

void set_default_path(cfg::Args& args, Global& global) {
  const std::vector<std::string_view> kinds = {"current", "config", "parent", "origin"};
  const auto kind = args.take_choice(kinds);
  if (!kind) return;
  std::string path;
  if (*kind == 1 || *kind == 2) {
    const std::string& file = args.statement().loc.source->name();
    const size_t slash = file.rfind('/');
    path = slash == std::string::npos ? "" : file.substr(0, slash + 1);
    path += *kind == 2 ? ".." : path.empty() ? "." : "";
  } else if (*kind == 3) {
    auto origin = args.take<std::string>();
    if (!origin) return;
    path = *origin;
  }
  // All files are read after the last line.
  if (global.default_path && *global.default_path != path)
    args.warning(fmt::format("'default-path' was '{}' before: all relative paths begin at '{}' now",
                             *global.default_path, path));
  global.default_path = path;
  global.default_path_by_file = *kind == 1 || *kind == 2;
}

void set_accepted_families(cfg::Args& args, Global& global) {
  auto text = args.take<std::string>();
  if (!text) return;
  Families families{.v4 = false, .v6 = false};
  for (std::string_view family : base::split(*text, ',')) {
    families.v4 |= family == "ipv4" || family == "auto";
    families.v6 |= family == "ipv6";
    families.automatic |= family == "auto";
    if (family != "ipv4" && family != "ipv6" && family != "auto")
      return args.error(fmt::format("unknown family '{}'", family), "known are ipv4, ipv6 and auto, with commas");
  }
  global.accepted_families = families;
}

void set_case_adjust(cfg::Args& args, Global& global) {
  auto from = args.take<std::string>();
  if (!from) return;
  auto to = args.take<std::string>();
  if (!to) return;
  if (!base::iequals(*from, *to))
    return args.error("'h1-case-adjust' expects a name, and the same name in another case");
  if (!global.h1_case_adjust.emplace(base::lower(*from), *to).second)
    args.error(fmt::format("'{}' has an adjusted case already", *from));
}

void add_variable(cfg::Args& args, Global& global) {
  if (args.at_end()) return args.error("'" + args.name() + "' expects a name and an expression");
  args.rest();
  global.variables.push_back(args.statement());
}

template <StatusCodes Global::*Codes>
void set_codes(cfg::Args& args, Global& global) {
  if (args.at_end()) return args.error("'" + args.name() + "' expects statuses: [+-]400[-410][,…]");
  while (const cfg::Word* word = args.next())
    if (auto wrong = (global.*Codes).apply(word->text)) return args.error(*wrong);
}

void add_cpu_map(cfg::Args& args, Global& global) {
  const auto threads = args.take<std::string>();
  if (!threads) return;
  std::vector<std::string_view> cpus;
  while (const cfg::Word* word = args.next()) cpus.push_back(word->text);
  if (auto wrong = global.cpu_map.add(*threads, cpus)) args.error(*wrong);
}

constexpr GlobalWord kRows[] = {
    {.name = "anonkey", .doc = "Key that anonymises what is shown.", .set = skip_line},
    {.name = "ca-base",
     .doc = "Folder of authorities that are named without one.",
     .set = cfg::field<&Global::ca_base>()},
    {.name = "chroot", .doc = "Folder to lock the process into.", .set = cfg::field<&Global::chroot>()},
    {.name = "close-spread-time",
     .doc = "On a soft stop, close idle connections over this time.",
     .set = cfg::field<&Global::close_spread_time>()},
    {.name = "cluster-secret",
     .doc = "Secret shared by a cluster; only QUIC needs it.",
     .set = keep_global_line,
     .flags = kHint},
    {.name = "cpu-map", .doc = "Which processors the threads run on.", .set = add_cpu_map},
    {.name = "cpu-policy", .doc = "How threads are spread over processors.", .set = skip_line},
    {.name = "cpu-set", .doc = "Which processors are used.", .set = skip_line},
    {.name = "crt-base",
     .doc = "Folder of certificates that are named without one.",
     .set = cfg::field<&Global::crt_base>()},
    {.name = "daemon", .doc = "Run in the background.", .set = cfg::field<&Global::daemon>()},
    {.name = "default-path", .doc = "What relative paths are relative to.", .set = set_default_path},
    {.name = "description", .doc = "A text for the statistics page.", .set = set_description},
    {.name = "dns-accept-family", .doc = "Families of addresses taken from resolvers.", .set = set_accepted_families},
    {.name = "expose-deprecated-directives",
     .doc = "Permit words that will go; none is hidden here.",
     .set = [](cfg::Args&, Global&) {},
     .flags = kHint},
    {.name = "expose-experimental-directives",
     .doc = "Permit experimental words: normalize-uri.",
     .set = cfg::field<&Global::experimental>(),
     .flags = kHint},
    {.name = "external-check",
     .doc = "Health checks may start programs.",
     .set =
         [](cfg::Args& args, Global& global) {
           global.external_check = true;
           global.external_check_keeps_environment = args.accept("preserve-env");
         }},
    {.name = "force-cfg-parser-pause", .doc = "Wait while reading; for HAProxy's own tests.", .set = skip_line},
    {.name = "gid", .doc = "Numeric group of the process.", .set = cfg::field<&Global::gid>()},
    {.name = "grace", .doc = "On a soft stop, go on accepting for this time.", .set = cfg::field<&Global::grace>()},
    {.name = "group", .doc = "Group of the process.", .set = cfg::field<&Global::group>()},
    {.name = "h1-accept-payload-with-any-method",
     .doc = "GET, HEAD and DELETE may have a body.",
     .set = cfg::field<&Global::h1_accept_payload_with_any_method>()},
    {.name = "h1-case-adjust",
     .doc = "Name of a header in the case that bogus clients and servers want.",
     .set = set_case_adjust},
    {.name = "h1-case-adjust-file", .doc = "File of such names.", .set = cfg::field<&Global::h1_case_adjust_file>()},
    {.name = "h1-do-not-close-on-insecure-transfer-encoding",
     .doc = "Keep connections after odd messages.",
     .set = keep_global_line,
     .pending = "such connections are closed"},
    {.name = "h2-workaround-bogus-websocket-clients",
     .doc = "Do not offer WebSocket over HTTP/2.",
     .set = cfg::field<&Global::h2_workaround_bogus_websocket>()},
    {.name = "hard-stop-after", .doc = "Longest time for a soft stop.", .set = cfg::field<&Global::hard_stop_after>()},
    {.name = "harden.reject-privileged-ports.quic",
     .doc = "Refuse QUIC clients with privileged ports; there is no QUIC.",
     .set = keep_global_line,
     .flags = kHint},
    {.name = "harden.reject-privileged-ports.tcp",
     .doc = "Refuse TCP clients with privileged ports.",
     .set = cfg::on_off<&Global::reject_privileged_ports>()},
    {.name = "http-err-codes",
     .doc = "Statuses that count as errors of the client.",
     .set = set_codes<&Global::error_codes>},
    {.name = "http-fail-codes",
     .doc = "Statuses that count as failures of the server.",
     .set = set_codes<&Global::failure_codes>},
    {.name = "insecure-fork-wanted",
     .doc = "Programs may be started.",
     .set = cfg::field<&Global::insecure_fork_wanted>(),
     .flags = kNegatable},
    {.name = "insecure-setuid-wanted",
     .doc = "Started programs may change their user.",
     .set = cfg::field<&Global::insecure_setuid_wanted>()},
    {.name = "localpeer", .doc = "Name of this node among the peers.", .set = cfg::field<&Global::localpeer>()},
    {.name = "log",
     .doc = "Where log lines of the process, and of proxies with `log global`, go.",
     .set = add_log,
     .flags = kNegatable},
    {.name = "log-send-hostname", .doc = "Name of the host in log lines.", .set = set_log_send_hostname},
    {.name = "log-tag", .doc = "Name of the program in log lines.", .set = cfg::field<&Global::log_tag>()},
    {.name = "lua-load", .doc = "A Lua program.", .set = keep_global_line, .pending = "Lua is not run"},
    {.name = "lua-load-per-thread",
     .doc = "A Lua program for each thread.",
     .set = keep_global_line,
     .pending = "Lua is not run"},
    {.name = "lua-prepend-path",
     .doc = "Where Lua looks for modules.",
     .set = keep_global_line,
     .pending = "Lua is not run"},
    {.name = "master-worker", .doc = "A master keeps the sockets and starts the workers.", .set = set_master_worker},
    {.name = "mworker-max-reloads",
     .doc = "Reloads that a worker survives; after more it must go.",
     .set = cfg::field<&Global::max_reloads>()},
    {.name = "nbproc", .doc = "Old: number of processes.", .set = old_nbproc},
    {.name = "nbthread", .doc = "Number of worker threads.", .set = cfg::field<&Global::nbthread>({1, 1024})},
    {.name = "no-quic", .doc = "No QUIC listeners; there are none.", .set = skip_line},
    {.name = "node", .doc = "Name of this node on the statistics page.", .set = cfg::field<&Global::node>()},
    {.name = "numa-cpu-mapping", .doc = "Stay on one node of memory.", .set = skip_line, .flags = kNegatable},
    {.name = "pidfile", .doc = "File for the number of the process.", .set = cfg::field<&Global::pidfile>()},
    {.name = "pp2-never-send-local",
     .doc = "PROXY v2 headers never say LOCAL.",
     .set = cfg::field<&Global::pp2_never_send_local>()},
    {.name = "prealloc-fd", .doc = "Grow the table of descriptors at once.", .set = skip_line},
    {.name = "quiet", .doc = "Say nothing at start.", .set = cfg::field<&Global::quiet>()},
    {.name = "set-dumpable",
     .doc = "Permit core dumps after dropping privileges.",
     .set = cfg::field<&Global::set_dumpable>(),
     .flags = kNegatable},
    {.name = "set-var", .doc = "A variable of the process from an expression.", .set = add_variable},
    {.name = "set-var-fmt", .doc = "A variable of the process from a log format.", .set = add_variable},
    {.name = "shm-stats-file",
     .doc = "Keep counters in a file; they go on over reloads without one.",
     .set = keep_global_line,
     .pending = "counters go on over reloads without it, and over a stop not at all"},
    {.name = "shm-stats-file-max-objects",
     .doc = "Most objects in that file.",
     .set = keep_global_line,
     .pending = "counters go on over reloads without it, and over a stop not at all"},
    {.name = "stats bind-process", .doc = "Old: which processes serve the runtime socket.", .set = skip_line},
    {.name = "stats calculate-max-counters", .doc = "Whether peaks are counted.", .set = skip_line},
    {.name = "stats maxconn",
     .doc = "Most connections to the runtime sockets.",
     .set = cfg::field<&Global::stats_maxconn>({1, 65535})},
    {.name = "stats socket", .doc = "A socket of the runtime API.", .set = add_stats_socket},
    {.name = "stats timeout",
     .doc = "Longest silence on a runtime socket.",
     .set = cfg::field<&Global::stats_timeout>({1, cfg::kMaxMillis})},
    {.name = "stats-file",
     .doc = "Counters to start from, of `dump stats-file`; not read when a process before this one tells its own.",
     .set = cfg::field<&Global::stats_file>()},
    {.name = "strict-limits",
     .doc = "Refuse to start when the limits cannot be set.",
     .set = set_strict_limits,
     .flags = kNegatable},
    {.name = "tandem-checks",
     .doc = "shared (the active node checks a server and the others believe it), or own (each node for itself).",
     .set = set_checks},
    {.name = "tandem-link-socket",
     .doc = "Where the other daemons of the pair connect.",
     .set = cfg::field<&Global::link_socket>()},
    {.name = "tandem-syncd-socket",
     .doc = "Where the syncd of this node listens.",
     .set = cfg::field<&Global::syncd_socket>()},
    {.name = "thread-group", .doc = "Threads of a group.", .set = skip_line},
    {.name = "thread-groups", .doc = "Number of groups of threads.", .set = skip_line},
    {.name = "thread-hard-limit", .doc = "Most threads.", .set = cfg::field<&Global::thread_hard_limit>()},
    {.name = "uid", .doc = "Numeric user of the process.", .set = cfg::field<&Global::uid>()},
    {.name = "ulimit-n", .doc = "Most open descriptors.", .set = cfg::field<&Global::ulimit_n>()},
    {.name = "unix-bind", .doc = "What Unix sockets of bind lines start from.", .set = set_unix_bind},
    {.name = "user", .doc = "User of the process.", .set = cfg::field<&Global::user>()},
    {.name = "warn-blocked-traffic-after", .doc = "Warn when a thread hangs this long.", .set = skip_line},
    {.name = "zero-warning", .doc = "A warning is as good as an error.", .set = cfg::field<&Global::zero_warning>()},
    // Data files of modules that are not here.
    {.name = "51degrees-cache-size",
     .doc = "Device detection.",
     .set = keep_global_line,
     .pending = "devices are not detected"},
    {.name = "51degrees-data-file",
     .doc = "Device detection.",
     .set = keep_global_line,
     .pending = "devices are not detected"},
    {.name = "51degrees-property-name-list",
     .doc = "Device detection.",
     .set = keep_global_line,
     .pending = "devices are not detected"},
    {.name = "51degrees-property-separator",
     .doc = "Device detection.",
     .set = keep_global_line,
     .pending = "devices are not detected"},
};
const base::Registered<GlobalWord> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
