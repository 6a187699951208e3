// Any bytes from a client and from servers, in any pieces and order, with closes between them: through rules,
// balancing, queue, pool and both codecs. Never a crash, never a hang; when all sides are gone nothing is held any
// more.
//
// The input is a script: a byte says who acts and how, the next how many of the bytes behind it are sent.
// fuzz-modules: lbd/config lbd/expr lbd/rules lbd/balance
// fuzz-sources: lbd/stream/attach.cc lbd/stream/forward.cc lbd/stream/trace.cc lbd/stream/http_request.cc
// fuzz-sources: lbd/stream/http_response.cc lbd/stream/http_stream.h lbd/stream/tcp_stream.cc
// lbd/stream/server_connection.cc
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "tests/lbd/stream/stage.h"

namespace {

using lbd::stream::Side;
using lbd::stream::Stage;

constexpr const char* kConfig =
    "frontend fe\n bind :8080\n timeout tarpit 1\n option forwardfor\n capture request header host len 20\n"
    " http-request set-header X-Len %[req.body_len]\n http-request deny if { path_beg /deny }\n"
    " http-request return status 200 content-type text/plain string here if { path /here }\n http-request tarpit if { "
    "path /tar }\n"
    " http-response set-header X-Status %[status]\n http-after-response set-header X-Last 1\n"
    " use_backend buffered if { path_beg /b }\n default_backend be\n"
    "backend be\n timeout connect 2\n timeout queue 2\n balance roundrobin\n http-reuse always\n server s1 "
    "127.0.0.1:81 maxconn 2\n server s2 127.0.0.1:82\n"
    "backend buffered\n timeout connect 2\n timeout queue 2\n option http-buffer-request\n option http-server-close\n "
    "balance uri\n server s3 127.0.0.1:83\n";

constexpr size_t kMostSides = 6;

void send(Side& side, std::string_view bytes) {
  if (side.fd) [[maybe_unused]]
    ssize_t sent = ::send(side.fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Stage stage(kConfig);
  std::vector<Side*> clients;
  std::string_view script(reinterpret_cast<const char*>(data), std::min<size_t>(size, 20000));
  while (script.size() >= 2) {
    const auto act = static_cast<uint8_t>(script[0]);
    const size_t length = std::min<size_t>(static_cast<uint8_t>(script[1]) * (act & 8 ? 16u : 1u), script.size() - 2);
    const std::string_view bytes = script.substr(2, length);
    script.remove_prefix(2 + length);
    const size_t which = act >> 4;
    switch (act & 7) {
      case 0:
      case 1:  // a client speaks, a new one if need be
        if (clients.empty() || (which > clients.size() && clients.size() < kMostSides))
          clients.push_back(&stage.client());
        send(*clients[which % clients.size()], bytes);
        break;
      case 2:
      case 3:  // a server speaks
        if (!stage.servers.empty())
          send(*stage.servers[stage.servers.size() - 1 - which % stage.servers.size()], bytes);
        break;
      case 4:
        if (!clients.empty()) clients[which % clients.size()]->close();
        break;
      case 5:
        if (!stage.servers.empty()) stage.servers[stage.servers.size() - 1 - which % stage.servers.size()]->close();
        break;
      case 6:
        if (!clients.empty() && clients[which % clients.size()]->fd) clients[which % clients.size()]->shut();
        break;
      case 7:
        stage.refused = which & 1;
        break;
    }
    stage.settle();
  }
  stage.refused = 0;
  stage.leave();
  CHECK(stage.worker_->connections() == 0);
  for (const auto& backend : stage.engine_->objects().backends()) {
    CHECK(backend->streams.load() == 0 && backend->queue().size() == 0);
    for (const auto& server : backend->servers()) CHECK(server->served() == 0 && server->queue().size() == 0);
  }
  return 0;
}
