// The words of the notify fifos.
#include "vrrpd/words/words.h"

namespace vrrpd {
namespace {

using Global = GlobalConfig;

void parse_fifo(FifoConfig& fifo, Args& args) {
  args.text(fifo.path, "a path");
  if (args.more()) args.text(fifo.user, "a user");
  if (args.more()) args.text(fifo.group, "a group");
  args.expect_end();
}

constexpr GlobalWord kFifos[] = {
    {.name = "notify_fifo",
     .doc = "Every change of state goes into this fifo.",
     .parse = [](Global& g, Args& a) { parse_fifo(g.fifo, a); }},
    {.name = "notify_fifo_script",
     .doc = "The reader of that fifo; gets its path.",
     .parse = [](Global& g, Args& a) { a.command(g.fifo.script); }},
    {.name = "vrrp_notify_fifo",
     .doc = "Every change of state goes into this fifo, too.",
     .parse = [](Global& g, Args& a) { parse_fifo(g.vrrp_fifo, a); }},
    {.name = "vrrp_notify_fifo_script",
     .doc = "The reader of that fifo; gets its path.",
     .parse = [](Global& g, Args& a) { a.command(g.vrrp_fifo.script); }},
    {.name = "fifo_write_vrrp_states_on_reload",
     .doc = "After a reload the states go into the fifos once more.",
     .parse = [](Global& g, Args& a) { a.boolean(g.tell_states_on_reload), a.expect_end(); }},
    {.name = "vrrp_notify_priority_changes",
     .doc = "Changes of priority go into the fifos, too.",
     .parse = [](Global& g, Args& a) { a.boolean(g.notify_priority_changes), a.expect_end(); }},
};
const base::Registered<GlobalWord> kEnrol(kFifos);

}  // namespace
}  // namespace vrrpd
