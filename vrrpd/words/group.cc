// The words of vrrp_sync_group and vrrp_script.
#include "vrrpd/words/words.h"

namespace vrrpd {
namespace {

using Group = GroupConfig;
using Script = ScriptConfig;

constexpr GroupWord kGroup[] = {
    {.name = "group",
     .doc = "The instances that move together.",
     .parse = [](Group& g, Args& a) { g.members = a.list(); }},
    {.name = "track_bfd", .doc = "BFD sessions.", .parse = [](Group&, Args& a) { a.no_effect("BFD is not spoken"); }},
    {.name = "global_tracking", .doc = "Nothing: what a group tracks counts for all.", .parse = [](Group&, Args&) {}},
    {.name = "sync_group_tracking_weight",
     .doc = "Let members have weights of their own.",
     .parse = [](Group& g, Args&) { g.tracking_weight = true; }},
    {.name = "notify_master",
     .doc = "Script on becoming master.",
     .parse = [](Group& g, Args& a) { a.command(g.notify.master); }},
    {.name = "notify_backup",
     .doc = "Script on becoming backup.",
     .parse = [](Group& g, Args& a) { a.command(g.notify.backup); }},
    {.name = "notify_fault",
     .doc = "Script on a fault.",
     .parse = [](Group& g, Args& a) { a.command(g.notify.fault); }},
    {.name = "notify_stop", .doc = "Script at the stop.", .parse = [](Group& g, Args& a) { a.command(g.notify.stop); }},
    {.name = "notify",
     .doc = "Script on every change; gets GROUP, the name, the state and the priority.",
     .parse = [](Group& g, Args& a) { a.command(g.notify.any); }},
    {.name = "notify_deleted",
     .doc = "Nothing for groups.",
     .parse = [](Group&, Args& a) { a.no_effect("instances are deleted, groups are not"); }},
    {.name = "notify_priority_changes",
     .doc = "Nothing for groups.",
     .parse = [](Group&, Args& a) { a.no_effect("a group has no priority; say it in its instances"); }},
    {.name = "smtp_alert", .doc = "Mail.", .parse = [](Group&, Args& a) { no_mail(a); }},
};

// keepalived 2.2 knows whole seconds from 1 on, 2.4 also parts of them.
constexpr double kLeastSeconds = 0.01;
constexpr double kMostSeconds = 86400;

void parse_script(Script& script, Args& args) {
  args.command(script.command);
}

void parse_weight(Script& script, Args& args) {
  args.number(script.weight, -253, 253);
  script.reverse = args.take_if("reverse");
  args.expect_end();
}

constexpr ScriptWord kScript[] = {
    {.name = "script", .doc = "The command.", .parse = parse_script},
    {.name = "interval",
     .doc = "Seconds between its starts.",
     .parse = [](Script& s, Args& a) { a.seconds(s.interval, kLeastSeconds, kMostSeconds), a.expect_end(); }},
    {.name = "timeout",
     .doc = "Seconds until it counts as failed and is killed.",
     .parse = [](Script& s, Args& a) { a.seconds(s.timeout, kLeastSeconds, kMostSeconds), a.expect_end(); }},
    {.name = "rise",
     .doc = "Successes in a row until it counts as up.",
     .parse = [](Script& s, Args& a) { a.number(s.rise, 1, 65535), a.expect_end(); }},
    {.name = "fall",
     .doc = "Failures in a row until it counts as down.",
     .parse = [](Script& s, Args& a) { a.number(s.fall, 1, 65535), a.expect_end(); }},
    {.name = "weight", .doc = "What it adds or takes; 0: its failure is a FAULT.", .parse = parse_weight},
    {.name = "user",
     .doc = "Whose rights it gets.",
     .parse =
         [](Script& s, Args& a) {
           a.text(s.command.user, "a user");
           if (a.more()) a.text(s.command.group, "a group");
           a.expect_end();
         }},
    {.name = "init_fail", .doc = "Down until it succeeds.", .parse = [](Script& s, Args&) { s.init_fail = true; }},
};

const base::Registered<GroupWord> kEnrolGroup(kGroup);
const base::Registered<ScriptWord> kEnrolScript(kScript);

}  // namespace
}  // namespace vrrpd
