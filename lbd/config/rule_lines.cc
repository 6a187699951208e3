// Rule lines: kept in Proxy::rules as they stand, in order; lbd/rules compiles them. Manual: 4.2 and 7.
#include "lbd/config/proxy_word.h"

namespace lbd::config {
namespace {

void keep(cfg::Args& args, Proxy& proxy) {
  if (args.at_end())
    return args.error_at(args.statement().at(args.position()), "'" + args.name() + "' expects arguments");
  args.rest();
  proxy.rules.push_back({args.statement(), false});
}

constexpr uint32_t kRules = kInProxies | kInNamedDefaults;

constexpr ProxyWord kRows[] = {
    {.name = "acl", .doc = "Names a condition.", .sections = kRules, .set = keep},
    {.name = "capture", .doc = "Keep a header or cookie for the log.", .sections = kInFrontend, .set = keep},
    {.name = "declare capture", .doc = "Set a slot aside that a rule fills.", .sections = kInFrontend, .set = keep},
    {.name = "force-be-switch",
     .doc = "When a backend is chosen although it is not published (`unpublish backend`).",
     .sections = kInFrontend,
     .set = keep},
    {.name = "force-persist",
     .doc = "When a cookie is followed to a server that is down.",
     .sections = kInBackend,
     .set = keep},
    {.name = "ignore-persist", .doc = "When a cookie is not followed.", .sections = kInBackend, .set = keep},
    {.name = "http-after-response", .doc = "Rules for every answer, also our own.", .sections = kRules, .set = keep},
    {.name = "http-request", .doc = "Rules for requests.", .sections = kRules, .set = keep},
    {.name = "http-response", .doc = "Rules for answers.", .sections = kRules, .set = keep},
    {.name = "monitor", .doc = "monitor fail: when monitor-uri answers 503.", .sections = kInFrontend, .set = keep},
    {.name = "redirect", .doc = "Answer with a redirect.", .sections = kInProxies, .set = keep},
    {.name = "stick match", .doc = "Stay with the server of a stick table.", .sections = kInBackend, .set = keep},
    {.name = "stick on",
     .doc = "Stay with the server of a stick table, and enter it there.",
     .sections = kInBackend,
     .set = keep},
    {.name = "stick store-request",
     .doc = "Enter the server in a stick table, by a sample of the request.",
     .sections = kInBackend,
     .set = keep},
    {.name = "stick store-response",
     .doc = "Enter the server in a stick table, by a sample of the response.",
     .sections = kInBackend,
     .set = keep},
    {.name = "tcp-request connection",
     .doc = "Rules for new connections.",
     .sections = kInFrontend | kInNamedDefaults,
     .set = keep,
     .flags = kStrict},
    {.name = "tcp-request content", .doc = "Rules on the first data of a connection.", .sections = kRules, .set = keep},
    {.name = "tcp-request inspect-delay", .doc = "Longest wait for that data.", .sections = kRules, .set = keep},
    {.name = "tcp-request session",
     .doc = "Rules for sessions, after handshakes.",
     .sections = kInFrontend | kInNamedDefaults,
     .set = keep,
     .flags = kStrict},
    {.name = "tcp-response content",
     .doc = "Rules on the first data of a server.",
     .sections = kInBackend | kInNamedDefaults,
     .set = keep,
     .flags = kStrict},
    {.name = "tcp-response inspect-delay",
     .doc = "Longest wait for that data.",
     .sections = kInBackend | kInNamedDefaults,
     .set = keep,
     .flags = kStrict},
    {.name = "use_backend", .doc = "When to go to which backend.", .sections = kInFrontend, .set = keep},
    {.name = "use-server", .doc = "When to go to which server.", .sections = kInBackend, .set = keep},
};
const base::Registered<ProxyWord> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
