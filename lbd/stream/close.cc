#include "lbd/stream/close.h"

#include <cstddef>

#include "base/result.h"

namespace lbd::stream {
namespace {

constexpr CloseRow kRows[] = {
    {Reason::normal, '-', "done"},
    {Reason::client_abort, 'C', "the client closed"},
    {Reason::client_timeout, 'c', "the client was silent for too long"},
    {Reason::server_abort, 'S', "the server closed"},
    {Reason::server_timeout, 's', "the server was silent for too long"},
    {Reason::no_server, 'S', "no server is available"},
    {Reason::connect_failed, 'S', "the server refused the connection"},
    {Reason::bad_request, 'P', "the request is not valid"},
    {Reason::bad_response, 'P', "the response is not valid"},
    {Reason::denied, 'P', "a rule denied it"},
    {Reason::local, 'L', "answered by the proxy"},
    {Reason::internal, 'I', "internal error"},
    {Reason::resource, 'R', "a resource is exhausted"},
    {Reason::killed, 'K', "ended by the administrator"},
    {Reason::shut_down, 'D', "the server went down"},
};
static_assert(sizeof kRows / sizeof kRows[0] == static_cast<size_t>(Reason::kCount));

}  // namespace

const CloseRow& row_of(Reason reason) {
  const CloseRow& row = kRows[static_cast<size_t>(reason)];
  CHECK(row.reason == reason);
  return row;
}

char letter_of(Phase phase) {
  switch (phase) {
    case Phase::request:
      return 'R';
    case Phase::queue:
      return 'Q';
    case Phase::connect:
      return 'C';
    case Phase::headers:
      return 'H';
    case Phase::data:
      return 'D';
    case Phase::last:
      return 'L';
    case Phase::tarpit:
      return 'T';
    case Phase::done:
      return '-';
  }
  return '-';
}

int status_of(Reason reason, Phase phase) {
  switch (reason) {
    case Reason::client_timeout:
      return 408;
    case Reason::client_abort:
      return phase == Phase::request || phase == Phase::headers ? 400 : 0;
    case Reason::bad_request:
      return 400;
    case Reason::denied:
      return 403;
    case Reason::bad_response:
      return 502;
    case Reason::internal:
    case Reason::resource:
      return 500;
    case Reason::no_server:
    case Reason::connect_failed:
      return 503;
    case Reason::shut_down:
    case Reason::killed:
      return 503;
    case Reason::server_abort:
      return phase == Phase::headers ? 502 : 503;
    case Reason::server_timeout:
      return phase == Phase::headers ? 504 : 503;
    case Reason::normal:
    case Reason::local:
    case Reason::kCount:
      return 0;
  }
  return 0;
}

}  // namespace lbd::stream
