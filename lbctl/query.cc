#include "lbctl/query.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include "base/version.h"
#include "ipc/client.h"
#include "ipc/figures.h"

namespace lbctl {
namespace {

// A hand-over takes at most three seconds (vrrpd/planned.h).
constexpr base::Seconds kHandOver{5};

tandem::Envelope for_stats() {
  tandem::Envelope request;
  request.mutable_stats_request();
  return request;
}

class Asker final : public ipc::ClientEvents {
 public:
  Asker(base::Loop& loop, const std::string& socket, tandem::Envelope request)
      : loop_(loop),
        request_(std::move(request)),
        client_(loop,
                {.to = base::SockAddr::unix_path(socket),
                 .hello = ipc::make_hello(tandem::ROLE_LBCTL, base::kVersion),
                 .channel = {}},
                *this),
        deadline_(loop) {
    deadline_.bind<&Asker::on_deadline>(this);
  }
  base::Result<Answer> ask(base::Nanos patience) {
    deadline_.start_after(patience);
    client_.start();
    while (!answered_ && !late_ && client_.last_error().empty()) loop_.run_once();
    if (answered_) return answer_;
    return base::Err(late_ ? "no answer" : client_.last_error());
  }

 private:
  std::string on_up(ipc::Client& client, const tandem::Hello& hello) override {
    answer_.hello = hello;
    client.send(request_);
    return "";
  }
  void on_envelope(ipc::Client&, const tandem::Envelope& envelope) override {
    if (envelope.has_vrrp_states()) answer_.vrrp = envelope.vrrp_states();
    if (envelope.has_handed_over()) {
      answer_.handed_over = envelope.handed_over();
      answered_ = true;
    }
    if (!envelope.has_stats_reply()) return;
    answer_.stats = envelope.stats_reply();
    answered_ = true;
  }
  void on_down(ipc::Client&, const std::string&) override {}
  void on_deadline() { late_ = true; }

  base::Loop& loop_;
  const tandem::Envelope request_;
  ipc::Client client_;
  base::Timer deadline_;
  Answer answer_;
  bool answered_ = false, late_ = false;
};

}  // namespace

std::string Answer::text(const std::string& object, const std::string& name) const {
  return ipc::text_of(stats, object, name);
}

uint64_t Answer::number(const std::string& object, const std::string& name) const {
  return ipc::number_of(stats, object, name);
}

base::Result<Answer> ask(const std::string& socket, base::Nanos patience) {
  base::Loop loop;
  return Asker(loop, socket, for_stats()).ask(patience);
}

base::Result<tandem::HandedOver> hand_over(const std::string& socket, const tandem::HandOver& wanted) {
  base::Loop loop;
  tandem::Envelope request;
  *request.mutable_hand_over() = wanted;
  auto answer = Asker(loop, socket, std::move(request)).ask(kHandOver);
  if (!answer) return base::Err(answer.error());
  return std::move(answer->handed_over);
}

base::Result<std::string> run_cli(const std::string& path, const std::string& line) {
  if (path.size() >= sizeof(sockaddr_un::sun_path)) return base::Err(fmt::format("socket path '{}' is too long", path));
  auto failed = [&] { return base::Err(base::Error::from_errno(path)); };
  base::Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  base::SockAddr to = base::SockAddr::unix_path(path);
  if (!fd || connect(fd.get(), to.sa(), to.length()) < 0) return failed();
  std::string request = line + "\n";
  if (send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
    return failed();
  shutdown(fd.get(), SHUT_WR);
  std::string answer;
  char bytes[16384];
  for (ssize_t n; (n = recv(fd.get(), bytes, sizeof bytes, 0)) != 0;) {
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed();
    answer.append(bytes, static_cast<size_t>(n));
  }
  return answer;
}

}  // namespace lbctl
