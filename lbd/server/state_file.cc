#include "lbd/server/state_file.h"

#include <fmt/format.h>

#include "base/strings.h"

namespace lbd::server {
namespace {

// The columns that are read, in the order of the file.
enum Column : size_t {
  kBackend = 1,
  kServer = 3,
  kAddress = 4,
  kOperational,
  kAdmin,
  kWeight,
  kConfiguredWeight,
  kSince,
  kStatus,
  kResult,
  kHealth,
  kCheckState,
  kAgentState,
  kPort = 18,
  kAgentAddress = 23,
  kAgentPort = 24,
  kLeast = 20,  // later versions of HAProxy have written more
};

constexpr unsigned kHasCheck = 2, kCheckEnabled = 4;  // of srv_check_state and srv_agent_state

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  while (!line.empty()) {
    const size_t end = std::min(line.find_first_of(" \t\r"), line.size());
    if (end > 0) words.emplace_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return words;
}

class Reader {
 public:
  explicit Reader(const StateFile::Fields& fields) : fields_(fields) {}
  // 0 … `most`.
  uint32_t number(Column column, std::string_view name, uint32_t most) {
    const auto found = base::parse_int<uint32_t>(fields_[column]);
    if (found && *found <= most) return *found;
    complain(column, name);
    return 0;
  }
  int64_t time(Column column, std::string_view name) {
    const auto found = base::parse_int<int64_t>(fields_[column]);
    if (!found) complain(column, name);
    return found.value_or(0);
  }
  void complain(Column column, std::string_view name) {
    if (complaint_.empty()) complaint_ = fmt::format("invalid {} value '{}'", name, fields_[column]);
  }
  const std::string& complaint() const { return complaint_; }

 private:
  const StateFile::Fields& fields_;
  std::string complaint_;
};

bool paused(uint32_t bits) {
  return (bits & kHasCheck) && !(bits & kCheckEnabled);
}

std::string optional_text(const StateFile::Fields& fields, size_t column) {
  return column < fields.size() && fields[column] != "-" ? fields[column] : std::string();
}

}  // namespace

StateFile::Problem StateFile::parse(std::string_view text) {
  lines_.clear();
  const size_t end = text.find('\n');
  if (end == std::string_view::npos || words_of(text.substr(0, end)) != std::vector<std::string>{"1"})
    return {Problem::Kind::version, 0};
  text.remove_prefix(end + 1);
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t length = text.find('\n');
    // The end is missing: who knows what else.
    if (length == std::string_view::npos) {
      lines_.clear();
      return {Problem::Kind::corrupt, number};
    }
    std::vector<std::string> words = words_of(text.substr(0, length));
    text.remove_prefix(length + 1);
    if (words.empty() || words[0].starts_with('#')) continue;
    if (words.size() < kLeast) {
      lines_.clear();
      return {Problem::Kind::corrupt, number};
    }
    std::pair<std::string, std::string> who{words[kBackend], words[kServer]};
    lines_.try_emplace(std::move(who), std::move(words));
  }
  return {};
}

const StateFile::Fields* StateFile::find(const std::string& backend, const std::string& server) const {
  const auto found = lines_.find({backend, server});
  return found == lines_.end() ? nullptr : &found->second;
}

base::Result<SavedServer> interpret(const StateFile::Fields& fields) {
  Reader reader(fields);
  SavedServer saved;
  saved.operational = static_cast<Operational>(
      reader.number(kOperational, "srv_op_state", static_cast<uint32_t>(Operational::stopping)));
  saved.admin = static_cast<uint8_t>(reader.number(kAdmin, "srv_admin_state", 127));
  if ((saved.admin & kForcedMaintenance) && (saved.admin & kForcedDrain)) reader.complain(kAdmin, "srv_admin_state");
  saved.weight = reader.number(kWeight, "srv_uweight", Server::kMaxWeight);
  saved.configured_weight = reader.number(kConfiguredWeight, "srv_iweight", Server::kMaxWeight);
  saved.since = base::Seconds(std::max<int64_t>(0, reader.time(kSince, "srv_last_time_change")));
  saved.status = static_cast<CheckStatus>(
      reader.number(kStatus, "srv_check_status", static_cast<uint32_t>(CheckStatus::program_ok)));
  saved.result = static_cast<CheckResult>(
      reader.number(kResult, "srv_check_result", static_cast<uint32_t>(CheckResult::conditional)));
  reader.number(kHealth, "srv_check_health", UINT32_MAX);
  saved.checks_paused = paused(reader.number(kCheckState, "srv_check_state", 31));
  saved.agent_paused = paused(reader.number(kAgentState, "srv_agent_state", 31));
  if (const auto port = base::parse_int<uint32_t>(fields[kPort]); port && *port > 0) {
    if (*port > 65535) reader.complain(kPort, "srv_port");
    saved.port = static_cast<uint16_t>(*port);
  }
  if (!reader.complaint().empty()) return base::Err(reader.complaint());
  saved.agent_address = optional_text(fields, kAgentAddress);
  saved.agent_port = base::parse_int<uint16_t>(optional_text(fields, kAgentPort)).value_or(0);
  return saved;
}

std::string_view saved_address(const StateFile::Fields& fields) {
  return fields[kAddress] == "-" ? std::string_view() : std::string_view(fields[kAddress]);
}

}  // namespace lbd::server
