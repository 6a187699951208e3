// The words of proxies about health checks, kept for the rows of lbd/check: manual 4.2.
#include "lbd/config/proxy_word.h"

namespace lbd::config {
namespace {

bool is_own(const Proxy& proxy, const cfg::Location& where) {
  return where.source == proxy.location.source && where.line >= proxy.location.line;
}

// These two say how all answers are read and requests made; the others stand in an order, one behind the other.
bool is_switch(const cfg::Statement& step) {
  return step.size() > 1 && (step[1] == "disable-on-404" || step[1] == "send-state");
}

// As in HAProxy, the steps of a section take the place of all that its defaults section has.
void leave_inherited_steps(CheckSpec& spec, const Proxy& proxy) {
  std::erase_if(spec.steps, [&](const cfg::Statement& step) { return !is_switch(step) && !is_own(proxy, step.loc); });
}

// `option httpchk …`, `option tcp-check`, …: the last one wins; its steps stay.
void set_check(cfg::Args& args, Proxy& proxy) {
  leave_inherited_steps(proxy.check, proxy);
  proxy.check.type = args.name().substr(sizeof("option ") - 1);
  proxy.check.location = args.statement().loc;
  proxy.check.arguments = args.rest();
}

void add_step(cfg::Args& args, Proxy& proxy) {
  if (args.at_end()) return args.error("'" + args.name() + "' expects what to do");
  args.rest();
  const cfg::Statement& step = args.statement();
  if (!is_switch(step)) leave_inherited_steps(proxy.check, proxy);
  // So does its request. Where only expectations are its own, HAProxy 2.6 asks nothing at all and waits in vain.
  if (step[0] == "http-check" && step[1] == "send" && !is_own(proxy, proxy.check.location))
    proxy.check.arguments.clear();
  proxy.check.steps.push_back(step);
}

constexpr ProxyWord kRows[] = {
    {.name = "option external-check",
     .doc = "A program checks the servers.",
     .sections = kBackendSide,
     .set = set_check},
    {.name = "option httpchk",
     .doc = "An HTTP request checks the servers.",
     .sections = kBackendSide,
     .set = set_check},
    {.name = "option ldap-check",
     .doc = "An LDAP bind checks the servers.",
     .sections = kBackendSide,
     .set = set_check},
    {.name = "option mysql-check",
     .doc = "A MySQL handshake checks the servers.",
     .sections = kBackendSide,
     .set = set_check},
    {.name = "option pgsql-check",
     .doc = "A PostgreSQL start checks the servers.",
     .sections = kBackendSide,
     .set = set_check},
    {.name = "option redis-check",
     .doc = "A Redis PING checks the servers.",
     .sections = kBackendSide,
     .set = set_check},
    {.name = "option smtpchk",
     .doc = "An SMTP greeting checks the servers.",
     .sections = kBackendSide,
     .set = set_check},
    {.name = "option spop-check",
     .doc = "An SPOP hello checks the servers.",
     .sections = kBackendSide,
     .set = set_check},
    {.name = "option ssl-hello-chk",
     .doc = "An SSL 3.0 hello checks the servers.",
     .sections = kBackendSide,
     .set = set_check},
    {.name = "option tcp-check",
     .doc = "A sequence of steps checks the servers.",
     .sections = kBackendSide,
     .set = set_check},
    {.name = "http-check", .doc = "A step of option httpchk.", .sections = kBackendSide, .set = add_step},
    {.name = "tcp-check", .doc = "A step of option tcp-check.", .sections = kBackendSide, .set = add_step},
    {.name = "external-check command",
     .doc = "The program of option external-check.",
     .sections = kEverySide,
     .set = cfg::field<&Proxy::external_check_command>()},
    {.name = "external-check path",
     .doc = "PATH of that program.",
     .sections = kEverySide,
     .set = cfg::field<&Proxy::external_check_path>()},
};
const base::Registered<ProxyWord> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
