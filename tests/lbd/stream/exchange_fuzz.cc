// Any bytes from a client and from servers, in any pieces and order, with closes between them: through rules,
// balancing, queue, pool and both codecs. Never a crash, never a hang; when all sides are gone nothing is held any
// more.
//
// The input is a Script.
//
// fuzz-modules: lbd/config lbd/expr lbd/rules lbd/balance
#include <cstdint>

#include "tests/lbd/stream/script.h"

namespace {

using lbd::stream::Act;
using lbd::stream::Script;
using lbd::stream::Side;
using lbd::stream::Stage;

constexpr const char* kConfig =
    "frontend fe\n bind :8080\n timeout tarpit 1\n option forwardfor\n capture request header host len 20\n"
    " http-request set-header X-Len %[req.body_len]\n http-request deny if { path_beg /deny }\n"
    " http-request return status 200 content-type text/plain string here if { path /here }\n http-request tarpit if { "
    "path /tar }\n"
    " http-response set-header X-Status %[status]\n http-after-response set-header X-Last 1\n"
    " use_backend buffered if { path_beg /b }\n default_backend be\n"
    "backend be\n timeout connect 2\n timeout queue 2\n balance roundrobin\n http-reuse always\n option redispatch\n"
    " retry-on all-retryable-errors\n compression algo identity gzip deflate\n server s1 "
    "127.0.0.1:81 maxconn 2\n server s2 127.0.0.1:82\n"
    "backend buffered\n timeout connect 2\n timeout queue 2\n option http-buffer-request\n option http-server-close\n "
    "balance uri\n server s3 127.0.0.1:83\n";

constexpr size_t kMostSides = 6;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Stage stage(kConfig);
  std::vector<Side*> clients;
  Script script(data, size);
  for (Act act; script.next(act);) {
    Side* client = clients.empty() ? nullptr : clients[act.which % clients.size()];
    switch (act.kind) {
      case 0:
      case 1:  // a client speaks, a new one if need be
        if (!client || (act.which > clients.size() && clients.size() < kMostSides)) {
          clients.push_back(&stage.client());
          client = clients[act.which % clients.size()];
        }
        send_all(*client, act.bytes);
        break;
      case 2:
      case 3:
        if (Side* server = server_of(stage, act.which)) send_all(*server, act.bytes);
        break;
      case 4:
        if (client) client->close();
        break;
      case 5:
        if (Side* server = server_of(stage, act.which)) server->close();
        break;
      case 6:
        if (client && client->fd) client->shut();
        break;
      case 7:
        stage.refused = act.which & 1;
        break;
    }
    stage.settle();
  }
  stage.refused = 0;
  end_of(stage);
  return 0;
}
