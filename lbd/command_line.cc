#include "lbd/command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "base/strings.h"

namespace lbd {
namespace {

// How many arguments follow a flag.
enum class Takes : uint8_t { nothing, one, pids };

struct Flag {
  std::string_view name = {};
  std::string_view argument = {};  // its name in the usage; "" for none. "[...": glued to the flag
  std::string_view doc = {};       // "" leaves it out of the usage
  Takes takes = Takes::nothing;
  bool exact = false;  // nothing may be glued to the flag
  // `value` is the following argument, or what is glued to the flag when it takes none.
  base::Status (*apply)(CommandLine& to, std::string_view value) = nullptr;
};

template <bool CommandLine::*... Members>
base::Status turn_on(CommandLine& to, std::string_view) {
  ((to.*Members = true), ...);
  return {};
}

template <std::string CommandLine::*Member>
base::Status set_text(CommandLine& to, std::string_view value) {
  to.*Member = value;
  return {};
}

// Numbers are read as haproxy reads them: up to the first character that is no digit.
template <auto Member>
base::Status set_number(CommandLine& to, std::string_view value) {
  std::string text(value);
  to.*Member = static_cast<uint32_t>(std::strtoul(text.c_str(), nullptr, 10));
  return {};
}

template <std::vector<pid_t> CommandLine::*Member>
base::Status add_pids(CommandLine& to, std::string_view value) {
  // `-sf "$(cat pidfile)"` brings several of them in one argument.
  size_t at = 0;
  while (at < value.size()) {
    size_t end = std::min(value.find_first_of(" \t\n", at), value.size());
    std::string_view word = value.substr(at, end - at);
    at = end + 1;
    if (word.empty()) continue;
    auto pid = base::parse_int<pid_t>(word);
    if (!pid || *pid <= 0) return base::Err(fmt::format("-sf/-st: '{}' is not a process id", word));
    (to.*Member).push_back(*pid);
  }
  return {};
}

base::Status ignore(CommandLine&, std::string_view) {
  return {};
}

constexpr Flag kFlags[] = {
    {.name = "-f",
     .argument = "<file|directory>",
     .doc = "adds a configuration file, or the *.cfg files of a directory; may be repeated",
     .takes = Takes::one,
     .apply = [](CommandLine& to, std::string_view value) -> base::Status {
       to.files.emplace_back(value);
       return {};
     }},
    {.name = "-v", .doc = "shows the version", .apply = turn_on<&CommandLine::show_version>},
    {.name = "-vv", .doc = "shows version, build options and features", .apply = turn_on<&CommandLine::show_build>},
    {.name = "-d",
     .doc = "debug mode: stays in the foreground",
     .apply = turn_on<&CommandLine::debug, &CommandLine::foreground>},
    {.name = "-db", .doc = "stays in the foreground", .apply = turn_on<&CommandLine::foreground>},
    {.name = "-dM",
     .argument = "[<byte>,help,...]",
     .doc = "memory debugging; accepted, without effect",
     .apply = ignore},
    {.name = "-V", .doc = "verbose: undoes -q", .apply = turn_on<&CommandLine::verbose>},
    {.name = "-D", .doc = "goes to the background", .apply = turn_on<&CommandLine::daemon>},
    {.name = "-C",
     .argument = "<directory>",
     .doc = "changes to the directory before reading files",
     .takes = Takes::one,
     .apply = set_text<&CommandLine::directory>},
    {.name = "-W", .doc = "master-worker mode", .apply = turn_on<&CommandLine::master_worker>},
    {.name = "-Ws",
     .doc = "master-worker mode that tells systemd when it is ready",
     .exact = true,
     .apply = turn_on<&CommandLine::master_worker, &CommandLine::systemd>},
    {.name = "-S",
     .argument = "<bind>[,<option>...]",
     .doc = "the master's runtime socket",
     .takes = Takes::one,
     .exact = true,
     .apply = [](CommandLine& to, std::string_view value) -> base::Status {
       to.master_sockets.emplace_back(value);
       return {};
     }},
    {.name = "-q", .doc = "quiet: no messages", .apply = turn_on<&CommandLine::quiet>},
    {.name = "-c", .doc = "checks the configuration and exits", .apply = turn_on<&CommandLine::check>},
    {.name = "--outline",
     .doc = "with -c: prints where the configuration listens and who its peers are (lbctl check)",
     .exact = true,
     .apply = turn_on<&CommandLine::outline, &CommandLine::check>},
    {.name = "--explain",
     .doc = "tells what would become of the requests that are read from standard input (lbctl explain)",
     .exact = true,
     .apply = turn_on<&CommandLine::explain>},
    {.name = "-cc",
     .argument = "<condition>",
     .doc = "evaluates a condition as .if does; exits with 0 true, 1 false, 2 error",
     .takes = Takes::one,
     .exact = true,
     .apply = [](CommandLine& to, std::string_view value) -> base::Status {
       to.condition = value;
       return {};
     }},
    {.name = "-n",
     .argument = "<connections>",
     .doc = "most connections of the process",
     .takes = Takes::one,
     .apply = set_number<&CommandLine::maxconn>},
    {.name = "-N",
     .argument = "<connections>",
     .doc = "most connections of a proxy that does not say its own",
     .takes = Takes::one,
     .apply = set_number<&CommandLine::proxy_maxconn>},
    {.name = "-m",
     .argument = "<megabytes>",
     .doc = "limits the memory of the process",
     .takes = Takes::one,
     .apply = set_number<&CommandLine::memory_megabytes>},
    {.name = "-L",
     .argument = "<name>",
     .doc = "the local peer's name (that of the host otherwise)",
     .takes = Takes::one,
     .apply = set_text<&CommandLine::local_peer>},
    {.name = "-p",
     .argument = "<file>",
     .doc = "writes the process id into the file",
     .takes = Takes::one,
     .exact = true,
     .apply = set_text<&CommandLine::pidfile>},
    {.name = "-sf",
     .argument = "[<pid>...]",
     .doc = "asks old processes to finish their work once the new one serves",
     .takes = Takes::pids,
     .apply = add_pids<&CommandLine::finish>},
    {.name = "-st",
     .argument = "[<pid>...]",
     .doc = "terminates old processes once the new one serves",
     .takes = Takes::pids,
     .apply = add_pids<&CommandLine::terminate>},
    {.name = "-x",
     .argument = "<socket>",
     .doc = "takes the listening sockets of an old process from its runtime socket",
     .takes = Takes::one,
     .apply = set_text<&CommandLine::inherit_from>},
    {.name = "-dC",
     .argument = "[<key>]",
     .doc = "shows the configuration as it was read",
     .apply = turn_on<&CommandLine::show_config>},
    {.name = "-dD",
     .doc = "diagnostic mode: warns of suspicious statements",
     .apply = turn_on<&CommandLine::diagnostics>},
    {.name = "-dI", .doc = "external checks may start programs", .apply = turn_on<&CommandLine::allow_fork>},
    {.name = "-dK",
     .argument = "<class>[,...]",
     .doc = "lists the registered keywords ('help' for the classes)",
     .apply = [](CommandLine& to, std::string_view value) -> base::Status {
       to.keyword_dump = value.empty() ? std::string_view("help") : value;
       return {};
     }},
    {.name = "-dL", .doc = "lists the loaded libraries", .apply = turn_on<&CommandLine::list_libraries>},
    {.name = "-dR", .doc = "does not set SO_REUSEPORT", .apply = turn_on<&CommandLine::no_reuse_port>},
    {.name = "-dS", .doc = "does not splice", .apply = turn_on<&CommandLine::no_splice>},
    {.name = "-dV",
     .doc = "does not verify the servers' certificates",
     .apply = turn_on<&CommandLine::no_server_verify>},
    {.name = "-dW", .doc = "does not start when there is a warning", .apply = turn_on<&CommandLine::zero_warning>},
    {.name = "-dr",
     .doc = "goes on when a server's name does not resolve",
     .apply = turn_on<&CommandLine::ignore_unresolved>},
    // Of haproxy's own machinery; start scripts carry them, there is nothing here that they could turn off.
    {.name = "-dF", .doc = "", .apply = ignore},
    {.name = "-dG", .doc = "", .apply = ignore},
    {.name = "-dT", .doc = "", .apply = ignore},
    {.name = "-dZ", .doc = "", .apply = ignore},
    {.name = "-dc", .doc = "", .apply = ignore},
    {.name = "-de", .doc = "", .apply = ignore},
    {.name = "-dk", .doc = "", .apply = ignore},
    {.name = "-dl", .doc = "", .apply = ignore},
    {.name = "-dp", .doc = "", .apply = ignore},
    {.name = "-ds", .doc = "", .apply = ignore},
    {.name = "-dt", .doc = "", .apply = ignore},
    {.name = "-dv", .doc = "", .apply = ignore},
};

const Flag* find_flag(std::string_view argument) {
  const Flag* best = nullptr;
  for (const Flag& flag : kFlags) {
    bool fits = flag.exact ? argument == flag.name : argument.starts_with(flag.name);
    if (fits && (!best || flag.name.size() > best->name.size())) best = &flag;
  }
  // "-pfile" and "-ccx" must not fall back to a shorter flag's meaning.
  for (const Flag& flag : kFlags)
    if (flag.exact && best && argument.size() > flag.name.size() && argument.starts_with(flag.name) &&
        flag.name.size() > best->name.size())
      return nullptr;
  return best;
}

}  // namespace

base::Result<CommandLine> parse_command_line(std::span<const char* const> arguments) {
  CommandLine line;
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::string_view argument = arguments[i];
    if (argument == "--") {
      line.files.insert(line.files.end(), arguments.begin() + static_cast<ptrdiff_t>(i) + 1, arguments.end());
      break;
    }
    const Flag* flag = argument.size() > 1 && argument[0] == '-' ? find_flag(argument) : nullptr;
    if (!flag) {
      line.show_usage = true;
      return line;
    }
    switch (flag->takes) {
      case Takes::nothing:
        TRY(flag->apply(line, argument.substr(flag->name.size())));
        break;
      case Takes::one:
        if (++i == arguments.size()) {
          if (flag->exact) {
            line.show_usage = true;
            return line;
          }
          return base::Err(fmt::format("{} expects {}", flag->name, flag->argument));
        }
        TRY(flag->apply(line, arguments[i]));
        break;
      case Takes::pids:
        while (i + 1 < arguments.size() && arguments[i + 1][0] != '-') TRY(flag->apply(line, arguments[++i]));
        break;
    }
  }
  return line;
}

std::string usage(const std::string& program) {
  std::string text = fmt::format("Usage : {} [<flag>...] [-- <file|directory>...]\n", program);
  for (const Flag& flag : kFlags) {
    if (flag.doc.empty()) continue;
    bool glued = flag.takes == Takes::nothing;
    std::string left = fmt::format("{}{}{}", flag.name, glued || flag.argument.empty() ? "" : " ", flag.argument);
    text += fmt::format("        {:<26} {}\n", left, flag.doc);
  }
  return text;
}

}  // namespace lbd
