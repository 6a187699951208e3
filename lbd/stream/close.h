// Why an exchange ended early: one row a reason, with the first letter of HAProxy's termination state, the status
// that a client which has got nothing yet is told, and a text. Every abnormal end names one of these; the second
// letter is the phase in which it happened. Manual: 8.5.
#pragma once

#include <cstdint>
#include <string_view>

namespace lbd::stream {

enum class Reason : uint8_t {
  normal,
  client_abort,
  client_timeout,
  server_abort,
  server_timeout,
  no_server,
  connect_failed,
  bad_request,
  bad_response,
  denied,
  local,
  internal,
  resource,
  killed,
  shut_down,
  kCount
};

// How far the exchange had come, and its letter.
enum class Phase : uint8_t { request, queue, connect, headers, data, last, tarpit, done };
char letter_of(Phase phase);

struct CloseRow {
  Reason reason;
  char cause;
  std::string_view text;
};
const CloseRow& row_of(Reason reason);

// What to answer when nothing was sent yet; 0: nothing, just close.
int status_of(Reason reason, Phase phase);

}  // namespace lbd::stream
