#include "vrrpd/options.h"

#include <fmt/format.h>
#include <signal.h>

#include <array>
#include <utility>

#include "base/log.h"
#include "base/strings.h"

namespace vrrpd {
namespace {

enum class Value : uint8_t { none, required, optional };

struct Option {
  char letter;  // 0: only the long form
  std::string_view name;
  Value value;
  std::string_view doc;  // empty: accepted for keepalived's sake
  void (*set)(Options&, const std::string&);
};

constexpr uint8_t kLocal0 = 16;

void set_facility(Options& options, const std::string& value) {
  if (const auto number = base::parse_int<int>(value); number && *number >= 0 && *number <= 7)
    options.facility = kLocal0 + *number;
  else if (const auto named = base::parse_facility(value))
    options.facility = *named;
}

void ignore(Options&, const std::string&) {}

constexpr Option kOptions[] = {
    {'f', "use-file", Value::required, "the configuration [/etc/keepalived/keepalived.conf]",
     [](Options& o, const std::string& v) { o.config = v; }},
    {'t', "config-test", Value::optional, "check it, exit 0 if it is good",
     [](Options& o, const std::string&) { o.test = true; }},
    {0, "outline", Value::none, "with -t: print its addresses and peers (lbctl check)",
     [](Options& o, const std::string&) { o.outline = true; }},
    {'n', "dont-fork", Value::none, "stay in the foreground",
     [](Options& o, const std::string&) { o.foreground = true; }},
    {'l', "log-console", Value::none, "log to standard error",
     [](Options& o, const std::string&) { o.log_console = true; }},
    {'D', "log-detail", Value::none, "log more", [](Options& o, const std::string&) { o.log_detail = true; }},
    {'S', "log-facility", Value::required, "facility of syslog: 0-7, local0-local7, user, daemon", set_facility},
    {'G', "no-syslog", Value::none, "do not log to syslog", [](Options& o, const std::string&) { o.no_syslog = true; }},
    {'g', "log-file", Value::required, "log to a file too", [](Options& o, const std::string& v) { o.log_file = v; }},
    {'p', "pid", Value::required, "the pid file [/run/vrrpd.pid]",
     [](Options& o, const std::string& v) { o.pid_file = v; }},
    {'i', "config-id", Value::required, "which @id lines hold [the node's name]",
     [](Options& o, const std::string& v) { o.config_id = v; }},
    {'d', "dump-conf", Value::none, "log the configuration",
     [](Options& o, const std::string&) { o.dump_config = true; }},
    {'V', "dont-release-vrrp", Value::none, "leave the addresses at the stop",
     [](Options& o, const std::string&) { o.keep_addresses = true; }},
    {0, "signum", Value::required, "print the signal for STOP, RELOAD, DATA or STATS",
     [](Options& o, const std::string& v) { o.signal_name = v; }},
    {0, "words", Value::none, "list the words of the configuration",
     [](Options& o, const std::string&) { o.list_words = true; }},
    {'v', "version", Value::none, "print the version", [](Options& o, const std::string&) { o.show_version = true; }},
    {'h', "help", Value::none, "print this", [](Options& o, const std::string&) { o.show_help = true; }},
    {'P', "vrrp", Value::none, "", ignore},
    {'C', "check", Value::none, "", ignore},
    {'B', "no_bfd", Value::none, "", ignore},
    {0, "all", Value::none, "", ignore},
    {0, "flush-log-file", Value::none, "", ignore},
    {'X', "release-vips", Value::none, "", ignore},
    {'I', "dont-release-ipvs", Value::none, "", ignore},
    {'R', "dont-respawn", Value::none, "", ignore},
    {'r', "vrrp_pid", Value::required, "", ignore},
    {'c', "checkers_pid", Value::required, "", ignore},
    {'b', "bfd_pid", Value::required, "", ignore},
    {'a', "address-monitoring", Value::none, "", ignore},
    {'e', "all-config", Value::none, "", ignore},
    {'x', "snmp", Value::none, "", ignore},
    {'A', "snmp-agent-socket", Value::required, "", ignore},
    {'u', "umask", Value::required, "", ignore},
    {'m', "core-dump", Value::none, "", ignore},
    {'M', "core-dump-pattern", Value::optional, "", ignore},
    {0, "no-mem-check", Value::none, "", ignore},
    {0, "debug", Value::optional, "", ignore},
};

const Option* find(char letter) {
  for (const Option& option : kOptions)
    if (option.letter && option.letter == letter) return &option;
  return nullptr;
}

const Option* find(std::string_view name) {
  for (const Option& option : kOptions)
    if (option.name == name) return &option;
  return nullptr;
}

class Parser {
 public:
  explicit Parser(const std::vector<std::string>& argv) : argv_(argv) {}

  base::Result<Options> run() {
    for (; at_ < argv_.size(); ++at_) {
      const std::string& word = argv_[at_];
      if (word.starts_with("--") && word.size() > 2) {
        if (auto status = take_long(word.substr(2)); !status) return base::Err(status.error());
      } else if (word.starts_with('-') && word.size() > 1) {
        if (auto status = take_letters(word); !status) return base::Err(status.error());
      } else {
        return base::Err(fmt::format("unexpected argument '{}'", word));
      }
    }
    return std::move(options_);
  }

 private:
  base::Status take_long(const std::string& word) {
    const size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const Option* option = find(std::string_view(name));
    if (!option) return base::Err(fmt::format("unknown option '--{}'", name));
    if (option->value == Value::none && equals != std::string::npos)
      return base::Err(fmt::format("option '--{}' takes no value", name));
    if (equals != std::string::npos) return option->set(options_, word.substr(equals + 1)), base::Status();
    return take_value(*option, "");
  }

  // -nlf FILE, -fFILE
  base::Status take_letters(const std::string& word) {
    for (size_t i = 1; i < word.size(); ++i) {
      const Option* option = find(word[i]);
      if (!option) return base::Err(fmt::format("unknown option '-{}'", word[i]));
      if (option->value == Value::none) {
        option->set(options_, "");
        continue;
      }
      return take_value(*option, word.substr(i + 1));
    }
    return {};
  }

  base::Status take_value(const Option& option, const std::string& attached) {
    if (option.value == Value::required && attached.empty()) {
      if (at_ + 1 >= argv_.size()) return base::Err(fmt::format("option '{}' needs a value", argv_[at_]));
      option.set(options_, argv_[++at_]);
    } else {
      option.set(options_, attached);
    }
    return {};
  }

  const std::vector<std::string>& argv_;
  size_t at_ = 1;
  Options options_;
};

}  // namespace

base::Result<Options> parse_options(const std::vector<std::string>& argv) {
  return Parser(argv).run();
}

std::string usage() {
  std::string text = "Usage: vrrpd [options]\n";
  for (const Option& option : kOptions) {
    if (option.doc.empty()) continue;
    const std::string value = option.value == Value::required ? "=X" : "";
    const std::string letter = option.letter ? fmt::format("-{},", option.letter) : "   ";
    text += fmt::format("  {} --{:<20} {}\n", letter, std::string(option.name) + value, option.doc);
  }
  text += "Other options of keepalived are accepted and do nothing.\n";
  return text;
}

int signal_number(const std::string& name) {
  constexpr std::array<std::pair<std::string_view, int>, 4> kSignals{
      {{"STOP", SIGTERM}, {"RELOAD", SIGHUP}, {"DATA", SIGUSR1}, {"STATS", SIGUSR2}}};
  for (const auto& [known, number] : kSignals)
    if (known == name) return number;
  return 0;
}

}  // namespace vrrpd
