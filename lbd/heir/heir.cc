#include "lbd/heir/heir.h"

#include <unistd.h>

#include "base/log.h"
#include "base/version.h"
#include "lbd/heir/connections.h"
#include "lbd/heir/rows.h"
#include "lbd/heir/standing.h"

namespace lbd::heir {
namespace {

constexpr int kProxiesOfMessage = 128;

}  // namespace

Heir::Heir(base::Loop& loop, const Estate& estate, base::Fd fd, Adopt adopt)
    : loop_(loop),
      estate_(estate),
      adopt_(std::move(adopt)),
      channel_(loop, std::move(fd), *this),
      figures_(estate.statistics),
      patience_(loop),
      in_sync_(estate.link.in_sync()) {
  patience_.bind<&Heir::on_patience>(this);
  tandem::Bequest bequest;
  tandem::Greeting& greeting = *bequest.mutable_greeting();
  greeting.set_language(kLanguage);
  greeting.set_version(std::string(base::kVersion));
  greeting.set_pid(static_cast<uint32_t>(::getpid()));
  greeting.set_in_sync(in_sync_);
  channel_.send(bequest);
  send_roster();
}

void Heir::send_roster() {
  tandem::Bequest bequest;
  tandem::Roster& roster = *bequest.mutable_roster();
  for (const auto& line : estate_.config.proxies) {
    const server::Backend* backend = estate_.objects.backend(line.get());
    const server::Frontend* frontend = estate_.objects.frontend(line.get());
    tandem::Roster::Proxy& proxy = *roster.add_proxies();
    proxy.set_name(line->name);
    proxy.set_frontend(frontend && !frontend->config().binds.empty());
    proxy.set_backend(backend != nullptr);
    proxy.set_http(line->mode == config::Mode::http);
    if (backend)
      for (const auto& server : backend->servers()) proxy.add_servers(server->name());
    if (roster.proxies_size() < kProxiesOfMessage) continue;
    channel_.send(bequest);
    roster.Clear();
  }
  channel_.send(bequest);
  tandem::Bequest told;
  told.mutable_told();
  channel_.send(told);
}

bool Heir::learn() {
  patient_ = true;
  patience_.start_after(kSilence);
  while (patient_ && channel_.open() && !told_) loop_.run_once();
  patience_.stop();
  if (!told_ && channel_.open()) base::log(base::Level::warning, "the process before this one tells nothing");
  return told_;
}

void Heir::ask_to_leave(bool hard) {
  tandem::Bequest bequest;
  bequest.mutable_leave()->set_hard(hard);
  channel_.send(bequest);
}

void Heir::await_stopped(base::Nanos most) {
  patient_ = most.count() > 0;
  patience_.start_after(most);
  while (patient_ && channel_.open() && told_ && !stopped_) loop_.run_once();
  patience_.stop();
  serving_ = true;
}

void Heir::on_bequest(tandem::Bequest& bequest, Descriptors fds) {
  // Nobody knows what it means before it has said which language it speaks.
  if (!greeted_ && !bequest.has_greeting()) return;
  // It is at work: that much patience again.
  if (patience_.active()) patience_.start_after(kSilence);
  switch (bequest.body_case()) {
    case tandem::Bequest::kGreeting:
      greeted_ = bequest.greeting().refusal().empty() && bequest.greeting().language() == kLanguage;
      if (!greeted_)
        base::log(base::Level::notice, "nothing is inherited from process {} ({}): {}", bequest.greeting().pid(),
                  bequest.greeting().version(), bequest.greeting().refusal());
      if (!greeted_) patient_ = false;
      return;
    case tandem::Bequest::kFigures:
      return figures_.take(bequest.figures());
    case tandem::Bequest::kStanding:
      return serving_ ? void() : take_standing(estate_.objects, bequest.standing(), in_sync_);
    case tandem::Bequest::kRows:
      return serving_ ? void() : take_rows(estate_.tables, bequest.rows());
    case tandem::Bequest::kParts:
      return serving_ ? void() : estate_.link.parts().inherit(bequest.parts());
    case tandem::Bequest::kTold:
      told_ = true;
      return;
    case tandem::Bequest::kStopped:
      stopped_ = true;
      return;
    case tandem::Bequest::kConnection:
      if (auto moved = decode(bequest.connection(), std::move(fds)))
        adopt_(std::move(*moved));
      else
        base::log(base::Level::warning, "a connection of the process before this one could not be taken over");
      return;
    case tandem::Bequest::kRoster:
    case tandem::Bequest::kLeave:
    case tandem::Bequest::BODY_NOT_SET:
      return;
  }
}

void Heir::on_closed(const std::string& reason) {
  if (!told_) base::log(base::Level::notice, "nothing more is inherited: {}", reason);
}

}  // namespace lbd::heir
