#include "lbctl/query.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>

#include "base/version.h"
#include "ipc/client.h"
#include "ipc/figures.h"

namespace lbctl {
namespace {

// A hand-over takes at most three seconds (vrrpd/planned.h).
constexpr base::Seconds kHandOver{5};
// syncd gives up before (syncd/changes.h).
constexpr base::Seconds kChange{100};

tandem::Envelope for_stats(const tandem::StatsRequest& wanted = {}) {
  tandem::Envelope request;
  *request.mutable_stats_request() = wanted;
  return request;
}

tandem::Envelope for_views(base::Millis patience, const tandem::StatsRequest& wanted) {
  tandem::Envelope request;
  *request.mutable_view_request()->mutable_stats() = wanted;
  request.mutable_view_request()->set_patience_ms(static_cast<uint32_t>(patience.count()));
  return request;
}

base::Error no_answer() {
  return {base::Code::timeout, base::Fault::server, base::Retry::yes, 0, "no answer"};
}

// One daemon that is asked.
class Asker final : public ipc::ClientEvents {
 public:
  Asker(base::Loop& loop, const std::string& socket, std::vector<tandem::Envelope> questions)
      : questions_(std::move(questions)),
        client_(loop,
                {.to = base::SockAddr::unix_path(socket),
                 .hello = ipc::make_hello(tandem::ROLE_LBCTL, base::kVersion),
                 .channel = {}},
                *this) {
    client_.start();
  }
  bool done() const { return answered_ == questions_.size() || !client_.last_error().empty(); }
  // What it has said until now; a part of the answers is better than none.
  base::Result<Answer> answer() const {
    if (answered_ > 0) return answer_;
    return client_.last_error().empty() ? base::Err(no_answer()) : base::Err(client_.last_error());
  }

 private:
  std::string on_up(ipc::Client& client, const tandem::Hello& hello) override {
    answer_.hello = hello;
    // Who is older would never answer.
    if (hello.dialect() < ipc::kViewsDialect)
      std::erase_if(questions_,
                    [](const auto& question) { return question.has_view_request() || question.has_events_request(); });
    if (hello.dialect() < ipc::kChangesDialect)
      std::erase_if(questions_, [](const auto& question) { return question.has_change_request(); });
    for (const tandem::Envelope& question : questions_) client.send(question);
    return questions_.empty() ? "it is of an older version" : "";
  }
  void on_envelope(ipc::Client&, const tandem::Envelope& envelope) override {
    if (envelope.has_vrrp_states()) answer_.vrrp = envelope.vrrp_states();
    if (envelope.has_handed_over()) answer_.handed_over = envelope.handed_over();
    if (envelope.has_stats_reply()) answer_.stats = envelope.stats_reply();
    if (envelope.has_change_reply()) answer_.change = envelope.change_reply();
    if (envelope.has_views()) answer_.views = envelope.views();
    if (envelope.has_events_reply()) answer_.events.push_back(envelope.events_reply());
    answered_ += envelope.has_handed_over() || envelope.has_stats_reply() || envelope.has_views() ||
                 envelope.has_change_reply() || (envelope.has_events_reply() && !envelope.events_reply().more());
  }
  void on_down(ipc::Client&, const std::string&) override {}

  std::vector<tandem::Envelope> questions_;
  Answer answer_;
  size_t answered_ = 0;
  ipc::Client client_;
};

// Runs the loop until all have answered.
void await(base::Loop& loop, base::Nanos patience, const std::vector<const Asker*>& askers) {
  struct Deadline {
    void on_timer() { over = true; }
    bool over = false;
  } deadline;
  base::Timer timer(loop);
  timer.bind<&Deadline::on_timer>(&deadline);
  timer.start_after(patience);
  const auto done = [](const Asker* asker) { return asker->done(); };
  while (!deadline.over && !std::all_of(askers.begin(), askers.end(), done)) loop.run_once();
}

base::Result<Answer> ask(const std::string& socket, tandem::Envelope question, base::Nanos patience) {
  base::Loop loop;
  Asker asker(loop, socket, {std::move(question)});
  await(loop, patience, {&asker});
  return asker.answer();
}

base::Result<Answer> answer_of(const tandem::Account& account) {
  if (!account.error().empty())
    return base::Err(account.silent()
                         ? no_answer()
                         : base::Error{base::Code::closed, base::Fault::server, base::Retry::yes, 0, account.error()});
  Answer answer;
  answer.hello = account.hello();
  answer.stats = account.stats();
  answer.vrrp = account.vrrp();
  return answer;
}

}  // namespace

std::string Answer::text(const std::string& object, const std::string& name) const {
  return ipc::text_of(stats, object, name);
}

uint64_t Answer::number(const std::string& object, const std::string& name) const {
  return ipc::number_of(stats, object, name);
}

base::Result<Answer> ask(const std::string& socket, base::Nanos patience) {
  return ask(socket, for_stats(), patience);
}

PairAnswers ask_pair(const Sockets& sockets, const tandem::StatsRequest& wanted) {
  base::Loop loop;
  Asker lbd(loop, sockets.lbd, {for_stats(wanted)}), vrrpd(loop, sockets.vrrpd, {for_stats()}),
      syncd(loop, sockets.syncd, {for_stats(), for_views(sockets.patience, wanted)});
  await(loop, sockets.patience, {&lbd, &vrrpd, &syncd});
  return {.here = {lbd.answer(), vrrpd.answer(), syncd.answer()}, .others = others_of(syncd.answer())};
}

base::Result<std::vector<tandem::EventsReply>> ask_events(const std::string& socket,
                                                          const tandem::EventsRequest& request, base::Nanos patience) {
  tandem::Envelope question;
  *question.mutable_events_request() = request;
  auto answer = ask(socket, std::move(question), patience);
  if (!answer) return base::Err(answer.error());
  return std::move(answer->events);
}

std::string name_of_this_node(const PairAnswers& pair) {
  std::string name = pair.here.syncd ? pair.here.syncd->text("", "node") : "";
  if (name.empty() && pair.here.lbd) name = pair.here.lbd->hello.node();
  return name.empty() ? "this node" : name;
}

std::vector<OtherNode> others_of(const base::Result<Answer>& syncd) {
  std::vector<OtherNode> others;
  if (!syncd) return others;
  for (const auto& row : syncd->stats.rows())
    if (row.object().starts_with("node ") && row.name() == "state")
      others.push_back({.name = row.object().substr(5),
                        .error = "syncd of this node did not tell",
                        .linked = row.text() != "down",
                        .said = {}});
  for (OtherNode& other : others)
    for (const tandem::View& view : syncd->views.nodes()) {
      if (view.node() != other.name) continue;
      other.error = view.error();
      other.older = view.older();
      if (view.error().empty()) other.said = {answer_of(view.lbd()), answer_of(view.vrrpd()), answer_of(view.syncd())};
    }
  return others;
}

base::Result<tandem::HandedOver> hand_over(const std::string& socket, const tandem::HandOver& wanted) {
  tandem::Envelope request;
  *request.mutable_hand_over() = wanted;
  auto answer = ask(socket, std::move(request), kHandOver);
  if (!answer) return base::Err(answer.error());
  return std::move(answer->handed_over);
}

base::Result<tandem::ChangeReply> order(const std::string& syncd, const tandem::ChangeRequest& request) {
  tandem::Envelope question;
  *question.mutable_change_request() = request;
  auto answer = ask(syncd, std::move(question), kChange);
  if (!answer) return base::Err(fmt::format("syncd of this node: {}", answer.error().text));
  return std::move(answer->change);
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
