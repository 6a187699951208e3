// Services: what `http-request use-service NAME` and `tcp-request content use-service NAME` name. A service makes the
// whole answer itself; its row is enrolled by the part that implements it.
// Thread: rows are constant. Manual: 4.2 http-request use-service.
#pragma once

#include <string_view>

#include "base/registry.h"

namespace lbd::stats {
struct Page;
struct PageRequest;
struct ProcessView;
}  // namespace lbd::stats

namespace lbd::rules {

struct ServiceRow {
  std::string_view name;  // "prometheus-exporter"
  std::string_view doc;
  std::string_view log_name;  // what logs show in angle brackets for the server: "PROMEX"
  bool http = true;           // in http-request; otherwise in tcp-request content
  // Runs in the control thread, which owns what it shows.
  stats::Page (*make)(const stats::PageRequest& request, const stats::ProcessView& process) = nullptr;
};

using Services = base::Registered<ServiceRow>;

}  // namespace lbd::rules
