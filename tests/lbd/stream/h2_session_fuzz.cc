// Any frames from a client of HTTP/2 and from servers of HTTP/2, and any bytes from those of HTTP/1, in any pieces and
// order, with closes between them: never a crash, never a hang; when all sides are gone nothing is held any more.
//
// The input is a Script. Bytes go out as they are, or as a frame whose type, flags and stream are the first three.
//
// fuzz-modules: lbd/config lbd/expr lbd/rules lbd/balance
#include <cstdint>
#include <string>

#include "tests/lbd/stream/script.h"

namespace {

using lbd::stream::Act;
using lbd::stream::Script;
using lbd::stream::Side;
using lbd::stream::Stage;

constexpr const char* kConfig =
    "frontend fe\n bind :8080 proto h2\n timeout tarpit 1\n option forwardfor\n"
    " http-request deny if { path_beg /deny }\n http-request wait-for-body time 1s if { path_beg /wait }\n"
    " http-request return status 200 content-type text/plain string here if { path /here }\n"
    " http-request tarpit if { path /tar }\n http-response set-header X-Status %[status]\n"
    " use_backend two if { path_beg /2 }\n default_backend be\n"
    "backend be\n timeout connect 2\n timeout queue 2\n http-reuse always\n server s1 127.0.0.1:81 maxconn 2\n"
    " server s2 127.0.0.1:82\n"
    "backend two\n timeout connect 2\n timeout queue 2\n http-reuse always\n server h2 127.0.0.1:83 proto h2\n";
constexpr std::string_view kPreface("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 24 + 9);
constexpr size_t kMostSides = 3;

std::string frame_of(std::string_view bytes) {
  if (bytes.size() < 3) return std::string(bytes);
  const std::string_view payload = bytes.substr(3);
  std::string frame(9, '\0');
  frame[1] = static_cast<char>(payload.size() >> 8);
  frame[2] = static_cast<char>(payload.size());
  frame[3] = bytes[0];
  frame[4] = bytes[1];
  frame[8] = bytes[2];
  return frame.append(payload);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Stage stage(kConfig);
  std::vector<Side*> clients;
  Script script(data, size);
  for (Act act; script.next(act);) {
    Side* client = clients.empty() ? nullptr : clients[act.which % clients.size()];
    Side* server = server_of(stage, act.which);
    switch (act.kind) {
      case 0:
      case 1:
      case 2:  // a client speaks, a new one if need be
        if (!client || (act.which > clients.size() && clients.size() < kMostSides)) {
          clients.push_back(&stage.client());
          if (act.bytes.empty() || act.bytes.front() != 'P') send_all(*clients.back(), kPreface);
          client = clients[act.which % clients.size()];
        }
        send_all(*client, act.kind == 2 ? std::string(act.bytes) : frame_of(act.bytes));
        break;
      case 3:
      case 4:
        if (server) send_all(*server, act.kind == 3 ? std::string(act.bytes) : frame_of(act.bytes));
        break;
      case 5:
        if (client) client->close();
        break;
      case 6:
        if (server) server->close();
        break;
      case 7:
        if (client && client->fd) client->shut();
        break;
    }
    if (!act.same_turn) stage.settle();
  }
  end_of(stage);
  return 0;
}
