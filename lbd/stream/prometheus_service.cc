// The service `prometheus-exporter`.
#include "lbd/rules/services.h"
#include "lbd/stats/prometheus.h"

namespace lbd::stream {
namespace {

constexpr rules::ServiceRow kRows[] = {
    {.name = "prometheus-exporter",
     .doc = "Metrics for Prometheus; ?scope= and ?no-maint choose.",
     .log_name = "PROMEX",
     .make = stats::prometheus_page},
};
const base::Registered<rules::ServiceRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::stream
