// init: writes the files of a new pair, for both nodes: an address that moves, a frontend there, servers behind it, and
// what the nodes know of each other.
#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <iostream>
#include <optional>

#include "base/addr.h"
#include "base/fd.h"
#include "base/registry.h"
#include "base/strings.h"
#include "lbctl/command.h"
#include "lbctl/program.h"

namespace lbctl {
namespace {

constexpr std::string_view kUsage =
    "lbctl init --vip ADDRESS/PREFIX --interface NAME --node NAME=ADDRESS --node NAME=ADDRESS --server ADDRESS:PORT…\n"
    "           [--port N (80)] [--mode http|tcp] [--router-id 1-255 (51)] [--output FOLDER (tandem-pair)]\n"
    "What is not given is asked for, on a terminal.\n";
constexpr uint16_t kSyncPort = 7890;

struct Node {
  std::string name;
  base::IpAddr address;
};

struct Wish {
  std::string vip, interface, mode = "http", output = "tandem-pair";
  uint16_t port = 80;
  uint32_t router_id = 51;
  std::vector<Node> nodes;
  std::vector<base::IpPort> servers;
};

// "" or what is wrong with it.
using Setter = std::string (*)(Wish& wish, const std::string& value);

std::string set_vip(Wish& wish, const std::string& value) {
  const size_t slash = value.find('/');
  const auto address = base::IpAddr::parse(value.substr(0, slash));
  const auto prefix = slash == value.npos ? std::nullopt : base::parse_int<unsigned>(value.substr(slash + 1));
  if (!address || !prefix || *prefix == 0 || *prefix > (address->is_v4() ? 32u : 128u))
    return fmt::format("'{}' is not an address with a prefix, such as 192.0.2.100/24", value);
  wish.vip = value;
  return {};
}

bool is_name(const std::string& text, std::string_view more) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](unsigned char c) {
    return std::isalnum(c) || more.find(static_cast<char>(c)) != more.npos;
  });
}

std::string set_interface(Wish& wish, const std::string& value) {
  if (!is_name(value, "-_.:@") || value.size() > 15) return fmt::format("'{}' is not the name of an interface", value);
  wish.interface = value;
  return {};
}

std::string add_node(Wish& wish, const std::string& value) {
  const size_t equals = value.find('=');
  const std::string name = value.substr(0, equals);
  const auto address = base::IpAddr::parse(equals == value.npos ? "" : value.substr(equals + 1));
  if (!is_name(name, "-_.") || !address) return fmt::format("'{}' is not NAME=ADDRESS, such as lb1=192.0.2.11", value);
  for (const Node& other : wish.nodes)
    if (other.name == name || other.address == *address)
      return fmt::format("'{}' is the same node as '{}'", value, other.name);
  if (wish.nodes.size() == 2) return "a pair has two nodes";
  wish.nodes.push_back({name, *address});
  return {};
}

std::string add_server(Wish& wish, const std::string& value) {
  const size_t colon = value.rfind(':');
  std::string host = value.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto address = base::IpAddr::parse(host);
  const auto port = colon == value.npos ? std::nullopt : base::parse_int<uint16_t>(value.substr(colon + 1));
  if (!address || !port || *port == 0) return fmt::format("'{}' is not ADDRESS:PORT, such as 192.0.2.31:8080", value);
  wish.servers.push_back({*address, *port});
  return {};
}

std::string set_port(Wish& wish, const std::string& value) {
  const auto port = base::parse_int<uint16_t>(value);
  if (!port || *port == 0) return fmt::format("'{}' is not a port", value);
  wish.port = *port;
  return {};
}

std::string set_mode(Wish& wish, const std::string& value) {
  if (value != "http" && value != "tcp") return fmt::format("the mode is http or tcp, not '{}'", value);
  wish.mode = value;
  return {};
}

std::string set_router_id(Wish& wish, const std::string& value) {
  const auto number = base::parse_int<uint32_t>(value);
  if (!number || *number == 0 || *number > 255) return fmt::format("'{}' is not a virtual router id (1 to 255)", value);
  wish.router_id = *number;
  return {};
}

std::string set_output(Wish& wish, const std::string& value) {
  wish.output = value;
  return {};
}

struct Flag {
  std::string_view name;
  Setter set;
};
constexpr std::array<Flag, 8> kFlags = {{{"--vip", set_vip},
                                         {"--interface", set_interface},
                                         {"--node", add_node},
                                         {"--server", add_server},
                                         {"--port", set_port},
                                         {"--mode", set_mode},
                                         {"--router-id", set_router_id},
                                         {"--output", set_output}}};

// "" or what is wrong.
std::string read_words(const std::vector<std::string>& words, Wish& wish) {
  for (size_t i = 1; i < words.size(); i += 2) {
    const auto flag = std::find_if(kFlags.begin(), kFlags.end(), [&](const Flag& one) { return one.name == words[i]; });
    if (flag == kFlags.end()) return fmt::format("'{}' is not known", words[i]);
    if (i + 1 == words.size()) return fmt::format("'{}' needs an argument", words[i]);
    if (std::string wrong = flag->set(wish, words[i + 1]); !wrong.empty()) return wrong;
  }
  return {};
}

// Until the answer is one; false at the end of the input.
bool ask_for(std::string_view question, Setter set, Wish& wish) {
  for (std::string answer; print(stderr, fmt::format("{}: ", question)), std::getline(std::cin, answer);) {
    const std::string wrong = set(wish, std::string(base::trim(answer)));
    if (wrong.empty()) return true;
    print(stderr, wrong + "\n");
  }
  return false;
}

bool ask_for_the_rest(Wish& wish) {
  if (wish.vip.empty() && !ask_for("The address that moves, with its prefix (192.0.2.100/24)", set_vip, wish))
    return false;
  if (wish.interface.empty() && !ask_for("The interface that it is on (eth0)", set_interface, wish)) return false;
  while (wish.nodes.size() < 2)
    if (!ask_for(fmt::format("Node {}, NAME=ADDRESS, the name being that of the host", wish.nodes.size() + 1), add_node,
                 wish))
      return false;
  return !wish.servers.empty() || ask_for("A server behind it, ADDRESS:PORT", add_server, wish);
}

// The first thing that lacks.
std::string_view lacks(const Wish& wish) {
  if (wish.vip.empty()) return "--vip";
  if (wish.interface.empty()) return "--interface";
  if (wish.nodes.size() < 2) return "--node, twice";
  return wish.servers.empty() ? "--server" : "";
}

std::string at_port(const base::IpAddr& address, uint16_t port) {
  return base::SockAddr(base::IpPort{address, port}).to_string();
}

std::string proxy_text(const Wish& wish) {
  const auto vip = base::IpAddr::parse(wish.vip.substr(0, wish.vip.find('/')));
  std::string text = fmt::format(
      "# Written by lbctl init; the same on both nodes. After a change: lbctl check; systemctl reload lbd\n"
      "global\n"
      "    log /dev/log local0\n"
      "    stats socket /run/tandem/admin.sock mode 660 level admin expose-fd listeners\n\n"
      "defaults\n"
      "    mode {0}\n"
      "    log global\n"
      "    option {0}log\n"
      "    option dontlognull\n"
      "    option redispatch 1\n"
      "    retries 3\n"
      "    timeout connect 5s\n"
      "    timeout client 30s\n"
      "    timeout server 30s\n",
      wish.mode);
  if (wish.mode == "http")
    text += "    option forwardfor\n    timeout http-request 10s\n    timeout http-keep-alive 15s\n";
  text += "\npeers pair\n";
  for (const Node& node : wish.nodes)
    text += fmt::format("    peer {} {}\n", node.name, at_port(node.address, kSyncPort));
  // The node that does not hold the address listens there, too.
  text += fmt::format("\nfrontend public\n    bind {} transparent\n    default_backend servers\n",
                      at_port(*vip, wish.port));
  text +=
      "\nfrontend statistics\n    mode http\n    option httplog\n    bind 127.0.0.1:8404\n    stats enable\n    stats "
      "uri /\n"
      "    http-request use-service prometheus-exporter if { path /metrics }\n";
  text += fmt::format("\nbackend servers\n    balance {}\n", wish.mode == "http" ? "roundrobin" : "leastconn");
  for (size_t i = 0; i < wish.servers.size(); ++i)
    text += fmt::format("    server s{} {} check\n", i + 1, base::SockAddr(wish.servers[i]).to_string());
  return text;
}

std::string router_text(const Wish& wish, size_t node) {
  return fmt::format(
      "# Written by lbctl init for {}. After a change: lbctl check; systemctl reload vrrpd\n"
      "global_defs {{\n    router_id {}\n    vrrp_version 3\n}}\n\n"
      "vrrp_instance public {{\n    state BACKUP\n    nopreempt\n    interface {}\n    virtual_router_id {}\n    "
      "priority {}\n"
      "    advert_int 0.1\n    track_lbd\n    unicast_src_ip {}\n    unicast_peer {{\n        {}\n    }}\n"
      "    virtual_ipaddress {{\n        {}\n    }}\n}}\n",
      wish.nodes[node].name, wish.nodes[node].name, wish.interface, wish.router_id, node == 0 ? 110 : 100,
      wish.nodes[node].address.to_string(), wish.nodes[1 - node].address.to_string(), wish.vip);
}

constexpr std::string_view kSyncText =
    "# Written by lbctl init; the same on both nodes, which the peers section of lbd.cfg names.\n"
    "secret-file /etc/tandem/secret\n"
    "snapshot /var/lib/tandem/snapshot every 60s\n";

base::Result<std::string> new_secret() {
  std::array<unsigned char, 32> bytes;
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    return base::Err(base::Error::from_errno("getrandom"));
  std::string text;
  for (unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
  return text += '\n';
}

base::Status make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0755) < 0) return base::Err(base::Error::from_errno(path));
  return {};
}

base::Status write_pair(const Wish& wish) {
  const std::string secret = TRY(new_secret());
  TRY(make_folder(wish.output));
  for (size_t i = 0; i < wish.nodes.size(); ++i) {
    const std::string folder = fmt::format("{}/{}/", wish.output, wish.nodes[i].name);
    TRY(make_folder(folder));
    TRY(base::write_file_atomic(folder + "lbd.cfg", proxy_text(wish)));
    TRY(base::write_file_atomic(folder + "vrrpd.conf", router_text(wish, i)));
    TRY(base::write_file_atomic(folder + "syncd.conf", kSyncText));
    TRY(base::write_file_atomic(folder + "secret", secret, 0600));
  }
  return {};
}

// What was written is what the programs take.
bool is_good(const Wish& wish) {
  bool good = true;
  for (const Node& node : wish.nodes) {
    const std::string folder = fmt::format("{}/{}/", wish.output, node.name);
    const auto proxy = run_program("lbd", {"-c", "-L", node.name, "-f", folder + "lbd.cfg"});
    const auto router = run_program("vrrpd", {"-t", "-f", folder + "vrrpd.conf"});
    good = good && proxy && proxy->code == 0 && router && router->code == 0;
  }
  return good;
}

int init(const Invocation& invocation) {
  if (invocation.words.size() == 2 && invocation.words[1] == "--help") {
    print(stdout, kUsage);
    return 0;
  }
  Wish wish;
  std::string wrong = read_words(invocation.words, wish);
  if (wrong.empty() && ::isatty(STDIN_FILENO) && !ask_for_the_rest(wish)) wrong = "there is no more input";
  if (wrong.empty() && !lacks(wish).empty()) wrong = fmt::format("{} is missing", lacks(wish));
  if (!wrong.empty()) {
    print(stderr, fmt::format("lbctl: {}\n{}", wrong, kUsage));
    return 2;
  }
  if (auto written = write_pair(wish); !written) {
    print(stderr, fmt::format("lbctl: {}\n", written.error().text));
    return 1;
  }
  print(stdout,
        fmt::format("{0}/{1} and {0}/{2} are the files of the nodes. Copy each folder's content to /etc/tandem of its "
                    "node,\nthe secret with owner tandem and mode 600; there: lbctl check; systemctl restart "
                    "tandem.target; lbctl status\n",
                    wish.output, wish.nodes[0].name, wish.nodes[1].name));
  if (is_good(wish)) return 0;
  print(stderr, "lbctl: lbd or vrrpd does not take what was written, see above\n");
  return 1;
}

constexpr CommandRow kRows[] = {
    {.name = "init", .doc = "[FLAGS]: writes the files of a new pair; 'init --help' lists the flags", .run = init}};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbctl
