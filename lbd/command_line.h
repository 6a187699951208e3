// The command line of lbd, which is that of haproxy: start scripts, container images and systemd units call it with
// haproxy's flags. parse_command_line() is pure: argv in, a CommandLine or an Error out; main acts on it.
//
// Flags are rows (command_line.cc); the usage text is a loop over them. As with haproxy the longest flag that an
// argument starts with wins ("-Dc" is -D, "-dfoo" is -d), flags stand in any order, and everything behind "--" is a
// configuration file. What has no meaning here (pollers, getaddrinfo, memory debugging) is accepted.
// Errors: an unknown flag, a missing or wrong value; main answers the first with the usage and exit code 1.
// Thread: any. Manual: HAProxy management.txt, section 3.
#pragma once

#include <sys/types.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace lbd {

struct CommandLine {
  std::vector<std::string> files;  // -f and behind --: configuration files and directories, in order
  std::string directory;           // -C: change there before anything is read

  // What to do instead of serving.
  bool show_version = false;                // -v
  bool show_build = false;                  // -vv
  bool show_usage = false;                  // unknown or no arguments
  bool check = false;                       // -c
  std::optional<std::string> condition;     // -cc
  std::optional<std::string> keyword_dump;  // -dK: classes, comma-separated
  bool list_libraries = false;              // -dL
  bool outline = false;                     // --outline: with -c, the facts of lbd/config/outline.h
  bool explain = false;                     // --explain: answers the questions of standard input

  // How to run.
  bool daemon = false;                      // -D
  bool foreground = false;                  // -db, -d: in spite of `daemon` and -D
  bool debug = false;                       // -d
  bool master_worker = false;               // -W, -Ws
  bool systemd = false;                     // -Ws: readiness is told to NOTIFY_SOCKET
  bool quiet = false, verbose = false;      // -q, -V
  std::vector<std::string> master_sockets;  // -S: binds of the master's runtime socket
  std::string pidfile;                      // -p
  std::string local_peer;                   // -L
  std::optional<uint32_t> maxconn;          // -n
  std::optional<uint32_t> proxy_maxconn;    // -N
  uint64_t memory_megabytes = 0;            // -m, 0: no limit
  std::vector<pid_t> finish, terminate;     // -sf, -st
  std::string inherit_from;                 // -x: fetch listeners from this runtime socket

  // Switches for the configuration.
  bool zero_warning = false;       // -dW
  bool diagnostics = false;        // -dD
  bool ignore_unresolved = false;  // -dr
  bool no_splice = false;          // -dS
  bool no_reuse_port = false;      // -dR
  bool no_server_verify = false;   // -dV
  bool allow_fork = false;         // -dI: external checks may start programs
  bool show_config = false;        // -dC
};

// `arguments` without the program's name.
base::Result<CommandLine> parse_command_line(std::span<const char* const> arguments);

// The text printed for an unknown flag, without the version in front.
std::string usage(const std::string& program);

}  // namespace lbd
