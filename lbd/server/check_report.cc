#include "lbd/server/check_report.h"

namespace lbd::server {
namespace {

struct Name {
  CheckStatus status;
  std::string_view brief, text;
};

constexpr Name kNames[] = {
    {CheckStatus::unknown, "UNK", "Unknown"},
    {CheckStatus::initial, "INI", "Initializing"},
    {CheckStatus::checked, "CHECKED", "No status change"},
    {CheckStatus::traffic, "HANA", "Health analyze"},
    {CheckStatus::socket_error, "SOCKERR", "Socket error"},
    {CheckStatus::l4_ok, "L4OK", "Layer4 check passed"},
    {CheckStatus::l4_timeout, "L4TOUT", "Layer4 timeout"},
    {CheckStatus::l4_refused, "L4CON", "Layer4 connection problem"},
    {CheckStatus::l6_ok, "L6OK", "Layer6 check passed"},
    {CheckStatus::l6_timeout, "L6TOUT", "Layer6 timeout"},
    {CheckStatus::l6_invalid, "L6RSP", "Layer6 invalid response"},
    {CheckStatus::l7_timeout, "L7TOUT", "Layer7 timeout"},
    {CheckStatus::l7_invalid, "L7RSP", "Layer7 invalid response"},
    {CheckStatus::l7_ok, "L7OK", "Layer7 check passed"},
    {CheckStatus::l7_conditional, "L7OKC", "Layer7 check conditionally passed"},
    {CheckStatus::l7_status, "L7STS", "Layer7 wrong status"},
    {CheckStatus::program_error, "PROCERR", "External check error"},
    {CheckStatus::program_timeout, "PROCTOUT", "External check timeout"},
    {CheckStatus::program_ok, "PROCOK", "External check passed"},
};

const Name* find(CheckStatus status) {
  for (const Name& name : kNames)
    if (name.status == status) return &name;
  return nullptr;
}

}  // namespace

std::string_view short_name(CheckStatus status) {
  const Name* name = find(status);
  return name ? name->brief : std::string_view();
}

std::string_view long_name(CheckStatus status) {
  const Name* name = find(status);
  return name ? name->text : std::string_view();
}

}  // namespace lbd::server
