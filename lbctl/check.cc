// check: whether the files of both languages are good, by themselves and together, and the same as on the other node.
#include <fmt/format.h>
#include <stdio.h>
#include <unistd.h>

#include <array>

#include "base/registry.h"
#include "lbctl/command.h"
#include "lbctl/crosscheck.h"
#include "lbctl/pair_check.h"
#include "lbctl/program.h"
#include "lbctl/query.h"
#include "lbctl/text.h"

namespace lbctl {
namespace {

constexpr std::string_view kUsage = "lbctl check [-f HAPROXY.CFG]… [-k KEEPALIVED.CONF]\n";
// The package's own, then those of who comes from haproxy and keepalived.
constexpr std::array kProxyFiles = {"/etc/tandem/lbd.cfg", "/etc/haproxy/haproxy.cfg"};
constexpr std::array kRouterFiles = {"/etc/tandem/vrrpd.conf", "/etc/keepalived/keepalived.conf"};
constexpr int kNoListener = 2;  // of lbd -c: good, but there is nothing to do

struct Files {
  std::vector<std::string> proxy;
  std::string router;
};

// The first that is there; the first of all if none is.
std::string first_of(const std::array<const char*, 2>& paths) {
  return ::access(paths[0], F_OK) != 0 && ::access(paths[1], F_OK) == 0 ? paths[1] : paths[0];
}

bool read_words(const std::vector<std::string>& words, Files& files) {
  for (size_t i = 1; i < words.size(); i += 2) {
    if (i + 1 == words.size()) return false;
    if (words[i] == "-f")
      files.proxy.push_back(words[i + 1]);
    else if (words[i] == "-k")
      files.router = words[i + 1];
    else
      return false;
  }
  return true;
}

void say(std::string_view what, std::string_view text) {
  print(stdout, fmt::format("{:<12} {}\n", what, text));
}

// The outline; nothing when the file is not good. The program says itself what is wrong.
std::string outline_of(const std::string& program, std::vector<std::string> arguments, std::string_view name,
                       bool& good) {
  auto ended = run_program(program, arguments);
  const bool fine = ended && (ended->code == 0 || (program == "lbd" && ended->code == kNoListener));
  say(program, ended ? fmt::format("{}: {}", name, fine ? "good" : "not good, see above") : ended.error().text);
  good = good && fine;
  return fine ? ended->output : std::string();
}

// What both nodes run, as they say themselves.
void say_of_the_pair(const Invocation& invocation, const std::vector<FileDigest>& files, std::string_view router) {
  tandem::StatsRequest wanted;
  wanted.set_files(true);
  for (const PairRemark& remark : compare_with_pair(files, router, ask_pair(invocation.sockets, wanted)))
    say(printable(remark.who), fmt::format("{}{}", remark.same ? "" : "warning: ", printable(remark.text)));
}

int check(const Invocation& invocation) {
  Files files;
  if (!read_words(invocation.words, files)) {
    print(stderr, kUsage);
    return 2;
  }
  if (files.proxy.empty()) files.proxy.push_back(first_of(kProxyFiles));
  const bool asked_for = !files.router.empty();
  if (!asked_for) files.router = first_of(kRouterFiles);

  bool good = true;
  std::vector<std::string> arguments = {"-c", "--outline"};
  std::string names;
  for (const std::string& file : files.proxy) {
    arguments.insert(arguments.end(), {"-f", file});
    names += (names.empty() ? "" : ", ") + file;
  }
  std::string proxy = outline_of("lbd", arguments, names, good);
  const std::vector<FileDigest> digests = take_digests(proxy);
  std::string router;
  const bool has_router = asked_for || ::access(files.router.c_str(), F_OK) == 0;
  if (has_router)
    router = outline_of("vrrpd", {"-t", "--outline", "-f", files.router}, files.router, good);
  else
    say("vrrpd", fmt::format("{}: not there, so this node is alone", files.router));
  if (good) {
    const std::vector<Finding> findings = crosscheck(proxy, router, facts_of_this_node());
    say("together", findings.empty() ? "good" : "");
    for (const Finding& finding : findings) {
      print(stdout, fmt::format("  {}: {}\n", finding.error ? "error" : "warning", finding.text));
      if (!finding.hint.empty()) print(stdout, fmt::format("    {}\n", finding.hint));
      good = good && !finding.error;
    }
  }
  say_of_the_pair(invocation, digests, router);
  return good ? 0 : 1;
}

constexpr CommandRow kRows[] = {
    {.name = "check",
     .doc = "[-f HAPROXY.CFG]… [-k KEEPALIVED.CONF]: whether both files are good, by themselves and together, and "
            "whether both nodes run them: which file differs",
     .run = check}};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbctl
