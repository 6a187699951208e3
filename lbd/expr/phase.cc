#include "lbd/expr/phase.h"

#include <bit>

namespace lbd::expr {

std::string_view name_of_phase(Phases phases) {
  static constexpr std::string_view kNames[] = {"frontend tcp-request connection rule",
                                                "frontend tcp-request session rule",
                                                "frontend tcp-request content rule",
                                                "frontend http-request header rule",
                                                "frontend use-backend rule",
                                                "backend tcp-request content rule",
                                                "backend http-request header rule",
                                                "backend use-server, balance or stick-match rule",
                                                "server source selection",
                                                "backend tcp-response content rule",
                                                "backend http-response header rule",
                                                "backend stick-store rule",
                                                "frontend tcp-response content rule",
                                                "frontend http-response header rule",
                                                "log line",
                                                "tcp-check rule",
                                                "configuration parser",
                                                "CLI parser"};
  if (!phases) return "place";
  return kNames[std::countr_zero(phases)];
}

}  // namespace lbd::expr
