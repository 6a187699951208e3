#include "lbd/heir/testator.h"

#include <fmt/format.h>
#include <unistd.h>

#include <memory>

#include "base/log.h"
#include "base/version.h"
#include "lbd/heir/connections.h"
#include "lbd/heir/figures.h"
#include "lbd/heir/rows.h"
#include "lbd/heir/standing.h"

namespace lbd::heir {
namespace {

// For an heir that does not read while this process wants to end.
constexpr base::Nanos kPatience = base::Seconds(5);

}  // namespace

Testator::Testator(base::Loop& loop, base::Mailbox& home, const Estate& estate, base::Fd fd, TestatorHost& host)
    : home_(home), estate_(estate), host_(host), channel_(loop, std::move(fd), *this) {}

void Testator::on_bequest(tandem::Bequest& bequest, Descriptors) {
  if (!greeted_) {
    if (bequest.has_greeting()) greeted(bequest.greeting());
    return;
  }
  if (bequest.has_roster()) return learn(bequest.roster());
  if (bequest.has_leave()) return host_.leave(bequest.leave().hard());
  if (!bequest.has_told() || taught_) return;
  tell({});
  tandem::Bequest told;
  told.mutable_told();
  channel_.send(told);
  taught_ = true;
}

void Testator::greeted(const tandem::Greeting& greeting) {
  tandem::Bequest answer;
  tandem::Greeting& own = *answer.mutable_greeting();
  own.set_language(kLanguage);
  own.set_version(std::string(base::kVersion));
  own.set_pid(static_cast<uint32_t>(::getpid()));
  if (greeting.language() != kLanguage) {
    own.set_refusal(fmt::format("language {} is spoken here, not {}", kLanguage, greeting.language()));
    base::log(base::Level::notice, "process {} cannot take over what is known here: {}", greeting.pid(), own.refusal());
  } else {
    greeted_ = true;
    heir_in_sync_ = greeting.in_sync();
  }
  channel_.send(answer);
}

void Testator::learn(const tandem::Roster& roster) {
  if (taught_) return;  // workers may read it
  for (const tandem::Roster::Proxy& proxy : roster.proxies())
    roster_[proxy.name()] = {
        proxy.frontend(), proxy.backend(), proxy.http(), {proxy.servers().begin(), proxy.servers().end()}};
}

void Testator::tell(base::MonoTime since) {
  const auto send = [this](const tandem::Bequest& bequest) { channel_.send(bequest); };
  told_until_ = base::mono_now();
  tell_figures(estate_.statistics, send);
  tell_standing(estate_.objects, send);
  tell_rows(estate_.tables, since, !heir_in_sync_, send);
  if (heir_in_sync_) return;
  estate_.link.parts().bequeath([&](const tandem::Parts& parts) {
    tandem::Bequest bequest;
    *bequest.mutable_parts() = parts;
    send(bequest);
  });
}

void Testator::stopped() {
  if (!taught() || std::exchange(stopped_, true)) return;
  tell(told_until_);
  tandem::Bequest bequest;
  bequest.mutable_stopped();
  channel_.send(bequest);
}

void Testator::tell_counters() {
  if (taught() && channel_.empty())
    tell_figures(estate_.statistics, [this](const tandem::Bequest& bequest) { channel_.send(bequest); });
}

void Testator::finish() {
  if (!taught()) return;
  if (!stopped_)
    stopped();
  else
    tell_figures(estate_.statistics, [this](const tandem::Bequest& bequest) { channel_.send(bequest); });
  channel_.flush(kPatience);
}

bool Testator::takes(const server::Frontend& frontend, const server::Backend* backend,
                     const server::Server* server) const {
  const auto front = roster_.find(frontend.name());
  if (front == roster_.end() || !front->second.frontend) return false;
  if (!server) return front->second.http && frontend.config().mode == config::Mode::http;
  const auto back = roster_.find(backend->name());
  if (back == roster_.end() || !back->second.backend) return false;
  return server == backend->direct() || back->second.servers.contains(server->name());
}

void Testator::move(stream::MovedConnection moved) {
  home_.post([this, moved = std::make_shared<stream::MovedConnection>(std::move(moved))] {
    Descriptors fds;
    const tandem::Bequest bequest = encode(*moved, fds);
    channel_.send(bequest, std::move(fds));
  });
}

void Testator::on_closed(const std::string& reason) {
  base::log(base::Level::debug, "the process after us is gone: {}", reason);
  host_.heir_gone();
}

}  // namespace lbd::heir
