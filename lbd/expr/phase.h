// Phases: the places of an exchange where an expression may be evaluated, as bits, and for each kind of sample the
// places where its source exists. A place that several phases share (a `listen` is both frontend and backend) is
// the union; a sample is allowed there when one of the bits is its own. Manual: 7.3; `haproxy -dKsmp` prints the same
// columns. Thread: constants.
#pragma once

#include <cstdint>
#include <string_view>

namespace lbd::expr {

using Phases = uint32_t;

namespace phase {
inline constexpr Phases kConnection = 1u << 0;    // tcp-request connection
inline constexpr Phases kSession = 1u << 1;       // tcp-request session
inline constexpr Phases kFrontContent = 1u << 2;  // tcp-request content of a frontend
inline constexpr Phases kFrontRequest = 1u << 3;  // http-request of a frontend
inline constexpr Phases kSwitching = 1u << 4;     // use_backend
inline constexpr Phases kBackContent = 1u << 5;   // tcp-request content of a backend
inline constexpr Phases kBackRequest = 1u << 6;   // http-request of a backend
inline constexpr Phases kServerChoice = 1u << 7;  // use-server, stick, balance
inline constexpr Phases kServerSource = 1u << 8;  // sni, source of a server
inline constexpr Phases kBackResponseContent = 1u << 9;
inline constexpr Phases kBackResponse = 1u << 10;
inline constexpr Phases kStore = 1u << 11;
inline constexpr Phases kFrontResponseContent = 1u << 12;
inline constexpr Phases kFrontResponse = 1u << 13;
inline constexpr Phases kLog = 1u << 14;
inline constexpr Phases kCheck = 1u << 15;
inline constexpr Phases kConfig = 1u << 16;
inline constexpr Phases kCli = 1u << 17;
}  // namespace phase

// Where a source exists.
namespace valid {
inline constexpr Phases kAll = (phase::kCli << 1) - 1;
inline constexpr Phases kInternal = kAll & ~phase::kConfig;
inline constexpr Phases kRequest = phase::kFrontContent | phase::kFrontRequest | phase::kSwitching |
                                   phase::kBackContent | phase::kBackRequest | phase::kServerChoice |
                                   phase::kServerSource;
inline constexpr Phases kBeforeLog = phase::kBackResponseContent | phase::kBackResponse | phase::kStore |
                                     phase::kFrontResponseContent | phase::kFrontResponse;
inline constexpr Phases kResponse = kBeforeLog | phase::kCheck;
inline constexpr Phases kEither = kRequest | kResponse;                      // hdr, payload: of the side at hand
inline constexpr Phases kRequestKept = kRequest | kBeforeLog | phase::kLog;  // method, captures
inline constexpr Phases kResponseKept = kBeforeLog | phase::kLog | phase::kCheck;
inline constexpr Phases kFrontend = kRequestKept | phase::kConnection | phase::kSession;  // fe_name, so_id
inline constexpr Phases kTls = kRequestKept | phase::kSession;
inline constexpr Phases kClient = kFrontend | phase::kCheck;  // src, dst
inline constexpr Phases kServer = phase::kServerSource | kResponseKept;
inline constexpr Phases kBackend = phase::kBackContent | phase::kBackRequest | phase::kServerChoice | kServer;
}  // namespace valid

// "frontend http-request header rule" for messages; the first bit of the set.
std::string_view name_of_phase(Phases phases);

// Expressions in these read the response when a word (hdr, payload) may mean either.
inline constexpr bool is_response(Phases phases) {
  return (phases & (valid::kResponse & ~phase::kCheck)) != 0 || phases == phase::kCheck;
}

}  // namespace lbd::expr
