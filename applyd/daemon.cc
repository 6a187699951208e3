#include "applyd/daemon.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include "base/journal.h"
#include "base/log.h"
#include "base/version.h"
#include "base/watchdog.h"

namespace applyd {

Daemon::Daemon(const Options& options)
    : files_(options.files),
      archive_(options.folder),
      programs_(loop_, options.sockets),
      deputy_(loop_, files_, archive_, programs_, options.folder + "/staged"),
      client_(loop_,
              {.to = base::SockAddr::unix_path(options.sockets.syncd),
               .hello = ipc::make_hello(tandem::ROLE_APPLYD, base::kVersion),
               .channel = {}},
              *this),
      journal_(loop_),
      term_(loop_),
      interrupt_(loop_) {
  term_.bind<&Daemon::on_stop>(this, SIGTERM);
  interrupt_.bind<&Daemon::on_stop>(this, SIGINT);
}

Daemon::~Daemon() {
  journal_.tell();
  journal_.detach();
  client_.stop("stopping");
}

base::Status Daemon::start() {
  TRY(archive_.open());
  deputy_.start();
  client_.start();
  return {};
}

void Daemon::run() {
  base::log(base::Level::notice, "applyd {} started", base::kVersion);
  base::sd_notify("READY=1");
  const base::Watchdog watchdog(loop_);
  loop_.run();
}

std::string Daemon::on_up(ipc::Client&, const tandem::Hello& hello) {
  if (hello.role() != tandem::ROLE_SYNCD) return "it is no syncd";
  base::log(base::Level::notice, "linked with syncd, version {}", hello.version());
  journal_.attach(client_);
  return "";
}

void Daemon::on_envelope(ipc::Client&, const tandem::Envelope& envelope) {
  if (!envelope.has_change_request()) return;
  const uint64_t number = envelope.change_request().number();
  deputy_.take(envelope.change_request(), [this, number](const tandem::ChangeReply& reply) {
    tandem::Envelope answer;
    *answer.mutable_change_reply() = reply;
    answer.mutable_change_reply()->set_number(number);
    client_.send(answer);
  });
}

// What is not confirmed yet comes back when its time is over.
void Daemon::on_down(ipc::Client&, const std::string& reason) {
  journal_.detach();
  base::log(base::Level::warning, "no link with syncd: {}", reason);
}

void Daemon::on_stop() {
  base::log(base::Level::notice, "stopping{}",
            deputy_.idle() ? "" : "; what is not confirmed comes back at the next start");
  base::sd_notify("STOPPING=1");
  loop_.stop();
}

}  // namespace applyd
