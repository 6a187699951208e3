#include "lbd/check/agents.h"

#include <fmt/format.h>

#include <algorithm>

#include "lbd/check/agent_words.h"
#include "lbd/server/operator.h"

namespace lbd::check {
namespace {

constexpr base::Millis kInterval{2000};  // without agent-inter

base::Nanos interval_of(const server::Server& server) {
  const base::Millis inter = server.config().agent.inter;
  return inter.count() > 0 ? inter : kInterval;
}

// Manual: agent-inter is the timeout as well, unless there is `timeout check`.
Deadlines deadlines_of(const server::Server& server) {
  const config::Timeouts& timeouts = server.backend().config().timeouts;
  const base::Nanos inter = interval_of(server);
  base::Nanos connect = inter;
  if (timeouts.connect && timeouts.connect->count() > 0) connect = std::min<base::Nanos>(connect, *timeouts.connect);
  if (!timeouts.check || timeouts.check->count() == 0) return {connect, inter};
  return {connect, inter, *timeouts.check};
}

// Says the text of `agent-send` and reads one line, which becomes the detail of the report.
class Question final : public Dialogue {
 public:
  explicit Question(const server::Server& server) : server_(server) {}

  Target target() const override {
    Target target;
    target.port = server_.agent.port;
    target.bare = true;
    if (auto own = base::IpAddr::parse(server_.agent.address))
      target.ip = *own;
    else if (server_.address().is_ip())
      target.ip = server_.address().ip_port().ip;
    return target;
  }

  Progress connected(std::string& out) override {
    out = server_.agent.send;
    return Progress::more();
  }

  Progress received(std::string_view bytes, bool closed, std::string&) override {
    const size_t end = bytes.find_first_of("\r\n");
    if (end != std::string_view::npos)
      return Progress::done(report(CheckStatus::checked, std::string(bytes.substr(0, end))));
    if (!closed) return Progress::more();
    if (bytes.empty()) return Progress::done(report(CheckStatus::l7_invalid, "TCPCHK got an empty response at step 2"));
    return Progress::done(report(CheckStatus::unknown, "Ignoring incomplete line from agent"));
  }

 private:
  const server::Server& server_;
};

}  // namespace

// One server with an agent.
class Agents::Slot final : public RunClient {
 public:
  Slot(Agents& agents, server::Server& server) : agents_(agents), server_(server), timer_(agents.loop_) {
    timer_.bind<&Slot::on_timer>(this);
  }

  const server::Server& server() const { return server_; }
  base::Nanos interval() const { return interval_of(server_); }
  void start_after(base::Nanos delay) { timer_.start_after(delay); }

  void stop() {
    timer_.stop();
    connection_.reset();
    server_.agent.running = false;
  }

  void check_done(CheckReport report) override {
    finished_ = std::move(connection_);  // it is on the stack
    server_.agent.running = false;
    // Who has disabled the agent meanwhile does not want to hear it.
    if (!server_.agent.paused) {
      if (report.status == CheckStatus::checked) obey(report);
      // Of half a line it is not known what it would have said.
      if (report.status == CheckStatus::unknown) {
        report.status = server_.agent.last.status;
        report.code = server_.agent.last.code;
      }
      agents_.supervisor_.agent_said(server_, std::move(report), base::mono_now());
    }
    const base::Nanos passed = base::mono_now() - started_;
    start_after(std::max<base::Nanos>(interval_of(server_) - passed, base::Nanos(0)));
  }

 private:
  void on_timer() {
    finished_.reset();
    started_ = base::mono_now();
    if (server_.agent.paused) return start_after(interval_of(server_));
    server_.agent.running = true;
    connection_ = std::make_unique<Connection>(agents_.loop_, server_, std::make_unique<Question>(server_),
                                               deadlines_of(server_), agents_.setting_, *this);
    connection_->start();
  }

  // Does what the line says, and makes of the report what it says of up and down.
  void obey(CheckReport& report) {
    const AgentWords words = parse_agent_words(report.detail);
    server::Supervisor& supervisor = agents_.supervisor_;
    if (words.admin)
      supervisor.set_admin(server_, server::Operator::apply(server_.admin(), *words.admin), base::mono_now());
    if (words.percent) {
      const uint64_t weight = uint64_t{server_.config().weight} * *words.percent / 100;
      supervisor.set_weight(server_, static_cast<uint32_t>(std::min<uint64_t>(weight, server::Server::kMaxWeight)));
    }
    if (words.maxconn) server_.set_maxconn(*words.maxconn);
    report.detail.clear();
    if (words.up) {
      report.status = *words.up ? CheckStatus::l7_ok : CheckStatus::l7_status;
      report.result = result_of(report.status);
      report.code = 0;
      report.detail = "via agent : " + words.state;
      if (!words.description.empty()) report.detail += fmt::format(" ({})", words.description);
    } else {
      report.detail = words.complaint;
    }
  }

  Agents& agents_;
  server::Server& server_;
  base::Timer timer_;
  base::MonoTime started_;
  std::unique_ptr<Connection> connection_, finished_;
};

Agents::Agents(base::Loop& loop, const server::Objects& objects, server::Supervisor& supervisor)
    : loop_(loop), supervisor_(supervisor) {
  for (const auto& backend : objects.backends())
    for (const auto& server : backend->servers())
      if (server->config().agent_check) slots_.push_back(std::make_unique<Slot>(*this, *server));
}

Agents::~Agents() {
  stop();
}

void Agents::add(server::Server& server) {
  if (!running_ || !server.config().agent_check) return;
  slots_.push_back(std::make_unique<Slot>(*this, server));
  slots_.back()->start_after(base::Nanos(0));
}

void Agents::remove(const server::Server& server) {
  std::erase_if(slots_, [&](const auto& slot) { return &slot->server() == &server; });
}

void Agents::start() {
  running_ = true;
  // Spread over the shortest interval, so that they are not all asked at once.
  base::Nanos shortest = base::Nanos::max();
  const auto count = static_cast<int64_t>(slots_.size());
  for (const auto& slot : slots_) shortest = std::min(shortest, slot->interval());
  for (int64_t i = 0; i < count; ++i) slots_[static_cast<size_t>(i)]->start_after(shortest / count * i);
}

void Agents::stop() {
  running_ = false;
  for (const auto& slot : slots_) slot->stop();
}

}  // namespace lbd::check
