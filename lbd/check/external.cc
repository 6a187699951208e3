// option external-check: a program of the operator says whether the server is well: exit status 0 is good, everything
// else is not. It gets HAProxy's four arguments and an environment of nothing but HAPROXY_* and PATH (or all of ours:
// preserve-env), has no standard input or output, and is ended with all it started when `inter` is over. The loop waits
// for nothing. Manual: 4.2 option external-check, external-check command, external-check path; 3.1
// insecure-fork-wanted.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/process.h"
#include "base/strings.h"
#include "lbd/check/turns.h"

namespace lbd::check {
namespace {

constexpr std::string_view kNone = "NOT_USED";
constexpr base::Millis kGrace{100};  // between being asked to end and being ended
constexpr int kCannotStart = 255;    // the exit status that HAProxy tells of a program that is not there

struct Address {
  std::string address, port;  // "": it has none
};

Address address_of(const base::SockAddr& address) {
  if (address.is_unix()) return {address.path(), ""};
  if (!address.is_ip()) return {};
  return {address.ip_port().ip.to_string(), std::to_string(address.ip_port().port)};
}

// The first address that clients come to, if the section has one.
Address listener_of(const config::Proxy& proxy) {
  for (const auto& bind : proxy.binds)
    for (const config::BindAddress& bound : bind->addresses)
      if (bound.kind == config::BindAddress::Kind::ip || bound.kind == config::BindAddress::Kind::unix)
        return address_of(bound.address);
  return {};
}

std::string or_none(const std::string& text) {
  return text.empty() ? std::string(kNone) : text;
}

uint32_t id_of(const server::Server& server) {
  return server.config().id ? server.config().id : server.index() + 1;
}

std::string_view protocol_of(const server::Server& server) {
  if (server.backend().config().mode != config::Mode::http) return "tcp";
  return server.config().proto == "h2" ? "h2" : "h1";
}

bool can_run(const std::string& path) {
  struct stat file {};
  return stat(path.c_str(), &file) == 0 && S_ISREG(file.st_mode) && access(path.c_str(), X_OK) == 0;
}

// A name without a slash is looked for in the folders of `path`.
std::string find_program(const std::string& command, const std::string& path) {
  if (command.find('/') != std::string::npos) return command;
  for (std::string_view folder : base::split(path, ':')) {
    const std::string found = fmt::format("{}/{}", folder.empty() ? "." : folder, command);
    if (can_run(found)) return found;
  }
  return command;
}

class Program final : public Run {
 public:
  Program(base::Loop& loop, base::SpawnOptions options, RunClient& client)
      : options_(std::move(options)), client_(client), child_(loop) {}

  void start() override {
    started_ = base::mono_now();
    // Told apart from a program that ends with the same status.
    if (!can_run(options_.argv[0])) return finish(report(CheckStatus::program_error, {}, kCannotStart));
    base::Status status = child_.spawn(options_, [this](const base::ChildResult& result) { on_exit(result); });
    if (!status) finish(report(CheckStatus::socket_error, status.error().text));
  }

 private:
  void on_exit(const base::ChildResult& result) {
    if (result.timed_out) return finish(report(CheckStatus::program_timeout, {}, 0));
    finish(report(result.ok() ? CheckStatus::program_ok : CheckStatus::program_error, {}, result.exit_code));
  }
  void finish(CheckReport report) {
    report.duration = std::chrono::duration_cast<base::Millis>(base::mono_now() - started_);
    client_.check_done(std::move(report));
  }

  const base::SpawnOptions options_;
  RunClient& client_;
  base::MonoTime started_;
  base::Child child_;
};

// Where nothing may be started.
class Refusal final : public Run {
 public:
  explicit Refusal(RunClient& client) : client_(client) {}
  void start() override {
    CheckReport refused = report(CheckStatus::socket_error, "Resource temporarily unavailable");
    refused.duration = base::Millis(0);
    client_.check_done(std::move(refused));
  }

 private:
  RunClient& client_;
};

class ExternalPlan final : public Plan {
 public:
  std::unique_ptr<Run> run(base::Loop& loop, server::Server& server, Deadlines deadlines, const Setting& setting,
                           RunClient& client) const override {
    if (!setting.may_start_programs) return std::make_unique<Refusal>(client);
    const config::Proxy& proxy = server.backend().config();
    const Address own = listener_of(proxy), other = address_of(server.address());
    base::SpawnOptions options;
    options.argv = {find_program(proxy.external_check_command, proxy.external_check_path), or_none(own.address),
                    or_none(own.port), or_none(other.address), or_none(other.port)};
    options.environment = {
        "HAPROXY_PROXY_ADDR=" + own.address,
        fmt::format("HAPROXY_PROXY_ID={}", proxy.id),
        "HAPROXY_PROXY_NAME=" + proxy.name,
        "HAPROXY_PROXY_PORT=" + own.port,
        "HAPROXY_SERVER_ADDR=" + other.address,
        fmt::format("HAPROXY_SERVER_CURCONN={}", server.served()),
        fmt::format("HAPROXY_SERVER_ID={}", id_of(server)),
        fmt::format("HAPROXY_SERVER_MAXCONN={}", server.maxconn()),
        "HAPROXY_SERVER_NAME=" + server.name(),
        "HAPROXY_SERVER_PORT=" + other.port,
        fmt::format("HAPROXY_SERVER_PROTO={}", protocol_of(server)),
        fmt::format("HAPROXY_SERVER_SSL={}", server.config().ssl ? 1 : 0),
        "PATH=" + proxy.external_check_path,
    };
    if (setting.keeps_environment) {
      std::vector<std::string> ours = base::current_environment();
      std::erase_if(ours,
                    [](const std::string& one) { return one.starts_with("HAPROXY_") || one.starts_with("PATH="); });
      options.environment.insert(options.environment.end(), ours.begin(), ours.end());
    }
    options.plain_setuid = !setting.may_change_user;
    options.timeout = deadlines.total;
    options.grace = kGrace;
    return std::make_unique<Program>(loop, std::move(options), client);
  }
};

std::unique_ptr<Plan> compile(const config::CheckSpec& spec, expr::CompileContext& context) {
  return option_words(spec, 0, context.diagnostics) ? std::make_unique<ExternalPlan>() : nullptr;
}

constexpr CheckRow kRows[] = {
    {.name = "external-check", .doc = "a program of the operator says so", .compile = compile},
};
const base::Registered<CheckRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::check
