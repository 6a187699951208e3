#include "lbd/link/checks.h"

#include <fmt/format.h>

#include "proto/check.pb.h"

namespace lbd::link {
namespace {

// What a process found stays in syncd so long; whether it is fresh is seen when it comes.
constexpr int64_t kLife = 60'000;
constexpr size_t kLongestDetail = 256;

std::string write(const check::CheckReport& report) {
  tandem::CheckFinding finding;
  finding.set_status(static_cast<uint32_t>(report.status));
  finding.set_code(report.code);
  if (report.duration.count() >= 0) finding.set_duration_ms(static_cast<uint64_t>(report.duration.count()));
  finding.set_detail(report.detail.substr(0, kLongestDetail));
  return finding.SerializeAsString();
}

std::optional<check::CheckReport> read(std::string_view bytes) {
  tandem::CheckFinding finding;
  if (!finding.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return std::nullopt;
  const auto status = static_cast<check::CheckStatus>(finding.status());
  if (finding.status() > UINT8_MAX || server::short_name(status).empty() || finding.detail().size() > kLongestDetail)
    return std::nullopt;
  check::CheckReport report = check::report(status, finding.detail(), finding.code());
  if (finding.has_duration_ms() && finding.duration_ms() <= INT32_MAX)
    report.duration = base::Millis(static_cast<int64_t>(finding.duration_ms()));
  return report;
}

}  // namespace

CheckShare::CheckShare(check::Scheduler& scheduler, const server::Objects& objects, const tandem::Hello& hello)
    : scheduler_(scheduler),
      objects_(objects),
      origin_(hello.origin()),
      node_(hello.node()),
      configuration_(hello.configuration()) {
  scheduler_.set_sink(this);
}

CheckShare::~CheckShare() {
  scheduler_.set_sink(nullptr);
}

void CheckShare::present(const tandem::Present& present) {
  const std::string here = own_node(present, origin_, node_);
  believed_.clear();
  for (const tandem::Origin& origin : present.origins())
    if (origin.node() != here && origin.configuration() == configuration_) believed_.insert(origin.id());
}

void CheckShare::found(const server::Server& server, const check::CheckReport& report) {
  auto [latest, added] = latest_.try_emplace(&server);
  if (added || latest->second.told) news_.push_back(&server);
  latest->second = {report, false};
}

void CheckShare::mark_all() {
  for (auto& [server, latest] : latest_)
    if (std::exchange(latest.told, false)) news_.push_back(server);
}

void CheckShare::collect(Teller& teller) {
  while (!news_.empty() && !teller.full()) {
    const server::Server& server = *news_.back();
    news_.pop_back();
    Latest& latest = latest_[&server];
    latest.told = true;
    teller.tell(kList, fmt::format("{}/{}", server.backend().name(), server.name()), write(latest.report),
                teller.now() + kLife);
  }
}

void CheckShare::accept(const replica::PartStore::News& news) {
  if (!believed_.contains(news.origin)) return;
  const size_t slash = news.key.find('/');
  auto report = read(news.value);
  if (slash == news.key.npos || !report) return;
  server::Backend* backend = objects_.find_backend(news.key.substr(0, slash));
  server::Server* server = backend ? backend->find_server(news.key.substr(slash + 1)) : nullptr;
  if (server) scheduler_.hear(*server, std::move(*report));
}

}  // namespace lbd::link
