// applyd [-f LBD.CFG] [-k VRRPD.CONF] [-d FOLDER] [-l PATH] [-m PATH] [-r PATH] [-y PATH] [-q]
#include <fmt/format.h>
#include <stdio.h>
#include <unistd.h>

#include "applyd/daemon.h"
#include "base/log.h"
#include "base/version.h"

namespace {

constexpr std::string_view kUsage =
    "Usage: applyd [options]\n"
    "  -f FILE    the configuration of lbd (/etc/tandem/lbd.cfg)\n"
    "  -k FILE    the configuration of vrrpd (/etc/tandem/vrrpd.conf)\n"
    "  -d FOLDER  the history (/var/lib/tandem-apply)\n"
    "  -l PATH    link socket of lbd (/run/tandem/lbd-link.sock)\n"
    "  -m PATH    socket of lbd's master process, its -S (/run/tandem/master.sock)\n"
    "  -r PATH    socket of vrrpd (/run/tandem/vrrpd.sock)\n"
    "  -y PATH    socket of syncd, over which the orders come (/run/tandem/syncd.sock)\n"
    "  -q         no messages on standard error\n"
    "  -v         print the version\n";

void print(FILE* to, std::string_view text) {
  fwrite(text.data(), 1, text.size(), to);
}

}  // namespace

int main(int argc, char** argv) {
  applyd::Options options{.files = {{"lbd", "/etc/tandem/lbd.cfg"}, {"vrrpd", "/etc/tandem/vrrpd.conf"}},
                          .folder = "/var/lib/tandem-apply",
                          .sockets = {"/run/tandem/lbd-link.sock", "/run/tandem/master.sock", "/run/tandem/vrrpd.sock",
                                      "/run/tandem/syncd.sock"}};
  bool quiet = false;
  for (int option; (option = getopt(argc, argv, "f:k:d:l:m:r:y:qvh")) != -1;) {
    switch (option) {
      case 'f':
        options.files["lbd"] = optarg;
        break;
      case 'k':
        options.files["vrrpd"] = optarg;
        break;
      case 'd':
        options.folder = optarg;
        break;
      case 'l':
        options.sockets.lbd = optarg;
        break;
      case 'm':
        options.sockets.master = optarg;
        break;
      case 'r':
        options.sockets.vrrpd = optarg;
        break;
      case 'y':
        options.sockets.syncd = optarg;
        break;
      case 'q':
        quiet = true;
        break;
      case 'v':
        print(stdout, fmt::format("applyd {} (Tandem)\n", base::kVersion));
        return 0;
      case 'h':
        print(stdout, kUsage);
        return 0;
      default:
        print(stderr, kUsage);
        return 1;
    }
  }
  if (optind != argc) {
    print(stderr, kUsage);
    return 1;
  }
  base::Logger::instance().detect_stderr();
  if (quiet) base::Logger::instance().set_stderr(base::Logger::Stderr::off);
  base::ignore_sigpipe();
  applyd::Daemon daemon(options);
  if (const base::Status status = daemon.start(); !status) {
    base::log(base::Level::alert, "{}", status.error().text);
    return 1;
  }
  daemon.run();
  return 0;
}
