// lbctl [-l PATH] [-r PATH] [-y PATH] [-s PATH] [-m PATH] [-t SECONDS] COMMAND
#include <fmt/format.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/registry.h"
#include "base/version.h"
#include "lbctl/command.h"

namespace {

using Rows = base::Registered<lbctl::CommandRow>;

void usage(FILE* to) {
  lbctl::Sockets sockets;
  std::string text = fmt::format(
      "Usage: lbctl [options] COMMAND\n"
      "  -l PATH  link socket of lbd ({})\n"
      "  -r PATH  socket of vrrpd ({})\n"
      "  -y PATH  socket of syncd ({})\n"
      "  -s PATH  'stats socket' of lbd, for show and cli ({})\n"
      "  -m PATH  socket of lbd's master process, its -S, for reload ({})\n"
      "  -t SECONDS  how long daemons may take to answer ({})\n"
      "  -v       the version\n"
      "Commands:\n",
      sockets.lbd, sockets.vrrpd, sockets.syncd, sockets.stats, sockets.master, base::to_seconds(sockets.patience));
  Rows::for_each([&](const lbctl::CommandRow& row) { text += fmt::format("  {:<8}  {}\n", row.name, row.doc); });
  fwrite(text.data(), 1, text.size(), to);
}

bool take_patience(const char* text, lbctl::Sockets& sockets) {
  char* end = nullptr;
  const double seconds = strtod(text, &end);
  if (end == text || *end != '\0' || !(seconds >= 0.01 && seconds <= 10)) {
    fmt::print(stderr, "lbctl: -t needs seconds, 0.01 to 10\n");
    return false;
  }
  sockets.patience = base::Millis(static_cast<int64_t>(seconds * 1000));
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  lbctl::Invocation invocation;
  for (int option; (option = getopt(argc, argv, "+l:r:y:s:m:t:vh")) != -1;) {
    switch (option) {
      case 'l':
        invocation.sockets.lbd = optarg;
        break;
      case 'r':
        invocation.sockets.vrrpd = optarg;
        break;
      case 'y':
        invocation.sockets.syncd = optarg;
        break;
      case 's':
        invocation.sockets.stats = optarg;
        break;
      case 'm':
        invocation.sockets.master = optarg;
        break;
      case 't':
        if (!take_patience(optarg, invocation.sockets)) return 2;
        break;
      case 'v':
        fmt::print("lbctl {} (Tandem)\n", base::kVersion);
        return 0;
      case 'h':
        usage(stdout);
        return 0;
      default:
        usage(stderr);
        return 2;
    }
  }
  invocation.words.assign(argv + optind, argv + argc);
  const lbctl::CommandRow* command = invocation.words.empty() ? nullptr : Rows::find(invocation.words[0]);
  if (!command) {
    usage(stderr);
    return 2;
  }
  return command->run(invocation);
}
