#include "snmp/options.h"

#include <fmt/format.h>

namespace snmp {
namespace {

struct Option {
  char letter;
  std::string_view value;  // empty: it has none
  std::string_view doc;
  void (*set)(Options& options, const std::string& value);
};

constexpr Option kOptions[] = {
    {'x', "ADDRESS", "snmpd's agentXSocket [/var/agentx/master]",
     [](Options& o, const std::string& v) { o.master = v; }},
    {'s', "PATH", "'stats socket' of lbd, \"\": none [/run/haproxy/admin.sock]",
     [](Options& o, const std::string& v) { o.sockets.stats = v; }},
    {'r', "PATH", "socket of vrrpd, \"\": none [/run/tandem/vrrpd.sock]",
     [](Options& o, const std::string& v) { o.sockets.vrrpd = v; }},
    {'y', "PATH", "socket of syncd, \"\": none [/run/tandem/syncd.sock]",
     [](Options& o, const std::string& v) { o.sockets.syncd = v; }},
    {'i', "FILE", "indices that the names do not give [/var/lib/tandem/snmp-indices]",
     [](Options& o, const std::string& v) { o.state = v; }},
    {'u', "USER", "run as that user", [](Options& o, const std::string& v) { o.user = v; }},
    {'g', "GROUP", "and as that group [the user's]", [](Options& o, const std::string& v) { o.group = v; }},
    {'p', "FILE", "write the process id there", [](Options& o, const std::string& v) { o.pidfile = v; }},
    {'D', "", "run in the background", [](Options& o, const std::string&) { o.background = true; }},
    {'q', "", "no messages on standard error", [](Options& o, const std::string&) { o.quiet = true; }},
    {'o', "", "print all objects with their numbers and types",
     [](Options& o, const std::string&) { o.list_objects = true; }},
    {'v', "", "print the version", [](Options& o, const std::string&) { o.show_version = true; }},
    {'h', "", "print this", [](Options& o, const std::string&) { o.show_help = true; }},
};

const Option* find(const std::string& word) {
  for (const Option& option : kOptions)
    if (word.size() >= 2 && word[0] == '-' && word[1] == option.letter) return &option;
  return nullptr;
}

}  // namespace

std::string usage() {
  std::string text = "Usage: lbsnmpd [options]\n";
  for (const Option& option : kOptions)
    text += fmt::format("  -{} {:<8} {}\n", option.letter, option.value, option.doc);
  return text;
}

base::Result<Options> parse_options(const std::vector<std::string>& words) {
  Options options;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const Option* option = find(word);
    if (!option) return base::Err(fmt::format("unexpected '{}'", word));
    if (option->value.empty()) {
      if (word.size() > 2) return base::Err(fmt::format("option '-{}' takes no value", option->letter));
      option->set(options, "");
    } else if (word.size() > 2) {
      option->set(options, word.substr(2));
    } else if (i + 1 < words.size()) {
      option->set(options, words[++i]);
    } else {
      return base::Err(fmt::format("option '-{}' needs a value", option->letter));
    }
  }
  for (const std::string* path : {&options.sockets.stats, &options.sockets.vrrpd, &options.sockets.syncd}) {
    constexpr size_t kLongest = 107;  // unix(7)
    if (path->size() > kLongest) return base::Err(fmt::format("the path '{}' is too long for a socket", *path));
  }
  return options;
}

}  // namespace snmp
