// Words of proxies that say what is tried again, and how often (manual 4.2).
#include <string_view>

#include "lbd/config/proxy_word.h"

namespace lbd::config {
namespace {

constexpr std::string_view kAllRetryable = "all-retryable-errors";

struct Cause {
  std::string_view name;
  RetryCause cause;
};
constexpr Cause kCauses[] = {
    {"none", RetryCause::none},
    {"conn-failure", RetryCause::conn_failure},
    {"empty-response", RetryCause::empty_response},
    {"junk-response", RetryCause::junk_response},
    {"response-timeout", RetryCause::response_timeout},
    {"0rtt-rejected", RetryCause::early_data_rejected},
    {kAllRetryable, RetryCause::none},
    {"401", retry_cause_of(401)},
    {"403", retry_cause_of(403)},
    {"404", retry_cause_of(404)},
    {"408", retry_cause_of(408)},
    {"421", retry_cause_of(421)},
    {"425", retry_cause_of(425)},
    {"429", retry_cause_of(429)},
    {"500", retry_cause_of(500)},
    {"501", retry_cause_of(501)},
    {"502", retry_cause_of(502)},
    {"503", retry_cause_of(503)},
    {"504", retry_cause_of(504)},
};

constexpr RetryCause kOfAllRetryable[] = {RetryCause::conn_failure,
                                          RetryCause::empty_response,
                                          RetryCause::junk_response,
                                          RetryCause::response_timeout,
                                          RetryCause::early_data_rejected,
                                          retry_cause_of(500),
                                          retry_cause_of(502),
                                          retry_cause_of(503),
                                          retry_cause_of(504)};

void set_retry_on(cfg::Args& args, Proxy& proxy) {
  std::vector<std::string_view> names;
  for (const Cause& row : kCauses) names.push_back(row.name);
  RetryOn wanted;
  size_t words = 0;
  bool none = false;
  do {
    const auto index = args.take_choice(names);
    if (!index) return;
    ++words;
    if (kCauses[*index].name == kAllRetryable) {
      for (const RetryCause cause : kOfAllRetryable) wanted.add(cause);
      continue;
    }
    none = none || kCauses[*index].cause == RetryCause::none;
    wanted.add(kCauses[*index].cause);
  } while (!args.at_end());
  if (none && words > 1) return args.error("'retry-on none' cannot be combined with other words");
  proxy.retry_on = wanted;
}

constexpr ProxyWord kRows[] = {
    {.name = "retries",
     .doc = "How often a failed connection to a server is tried again.",
     .sections = kBackendSide,
     .set = cfg::field<&Proxy::retries>()},
    {.name = "retry-on",
     .doc = "What is tried again.",
     .sections = kBackendSide,
     .set = set_retry_on,
     .flags = kStrict},
};
const base::Registered<ProxyWord> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
