// Streams of HTTP/2 on a Stage: the client is a session of nghttp2, servers speak HTTP/1.
#include "lbd/stream/h2_front_stream.h"

#include <gmock/gmock.h>

#include <map>

#include "tests/lbd/stream/stage.h"

namespace lbd::stream {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

// What a client has seen of a stream.
struct Seen {
  std::string fields, body;
  bool ended = false;
  std::optional<uint32_t> reset;
};

class H2Peer {
 public:
  explicit H2Peer(Stage& stage, uint32_t window = 65535) : stage_(stage), side_(stage.client()) {
    nghttp2_session_callbacks* callbacks = nullptr;
    CHECK(nghttp2_session_callbacks_new(&callbacks) == 0);
    nghttp2_session_callbacks_set_on_header_callback(
        callbacks, [](nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name, size_t name_size,
                      const uint8_t* value, size_t value_size, uint8_t, void* user) {
          std::string& fields = self(user).streams[frame->hd.stream_id].fields;
          fields.append(reinterpret_cast<const char*>(name), name_size).append("=");
          fields.append(reinterpret_cast<const char*>(value), value_size).append(" ");
          return 0;
        });
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
        callbacks, [](nghttp2_session*, uint8_t, int32_t id, const uint8_t* data, size_t size, void* user) {
          self(user).streams[id].body.append(reinterpret_cast<const char*>(data), size);
          return 0;
        });
    nghttp2_session_callbacks_set_on_frame_recv_callback(
        callbacks, [](nghttp2_session*, const nghttp2_frame* frame, void* user) {
          if (frame->hd.type == NGHTTP2_GOAWAY) self(user).goaway = frame->goaway.error_code;
          if (frame->hd.stream_id == 0) return 0;
          Seen& seen = self(user).streams[frame->hd.stream_id];
          if (frame->hd.type == NGHTTP2_RST_STREAM) seen.reset = frame->rst_stream.error_code;
          if (frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA)
            seen.ended = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
          return 0;
        });
    CHECK(nghttp2_session_client_new(&session_, callbacks, this) == 0);
    nghttp2_session_callbacks_del(callbacks);
    const nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, window}};
    CHECK(nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings, 1) == 0);
    turn();
  }
  ~H2Peer() { nghttp2_session_del(session_); }

  // Sends what waits, lets the worker act, reads what comes, until nothing does.
  void turn() {
    do {
      send();
      stage_.settle();
      const std::string got = side_.take();
      if (got.empty()) break;
      nghttp2_session_mem_recv(session_, reinterpret_cast<const uint8_t*>(got.data()), got.size());
    } while (true);
  }
  // Without letting anybody act.
  void send() {
    const uint8_t* data = nullptr;
    for (ssize_t size = 0; (size = nghttp2_session_mem_send(session_, &data)) > 0;)
      side_.send({reinterpret_cast<const char*>(data), static_cast<size_t>(size)});
  }

  // The head of a request; its body, if any, is `body`, and without `whole` more of it would come.
  int32_t submit(std::string method, std::string path, std::optional<std::string> body = {}, bool whole = true) {
    const std::string texts[] = {":method",    std::move(method), ":scheme", "http",
                                 ":authority", "h2.test",         ":path",   std::move(path)};
    std::vector<nghttp2_nv> fields;
    auto bytes = [](const std::string& text) { return reinterpret_cast<uint8_t*>(const_cast<char*>(text.data())); };
    for (size_t i = 0; i < std::size(texts); i += 2)
      fields.push_back(
          {bytes(texts[i]), bytes(texts[i + 1]), texts[i].size(), texts[i + 1].size(), NGHTTP2_NV_FLAG_NONE});
    if (body) body_ = *body;
    whole_ = whole;
    const nghttp2_data_provider provider = {{.ptr = this},
                                            [](nghttp2_session*, int32_t, uint8_t* to, size_t most, uint32_t* flags,
                                               nghttp2_data_source* source, void*) -> ssize_t {
                                              auto& peer = *static_cast<H2Peer*>(source->ptr);
                                              const size_t size = std::min(most, peer.body_.size());
                                              if (size == 0 && !peer.whole_) return NGHTTP2_ERR_DEFERRED;
                                              std::copy_n(peer.body_.data(), size, to);
                                              peer.body_.erase(0, size);
                                              if (peer.body_.empty() && peer.whole_) *flags |= NGHTTP2_DATA_FLAG_EOF;
                                              return static_cast<ssize_t>(size);
                                            }};
    return nghttp2_submit_request(session_, nullptr, fields.data(), fields.size(), body ? &provider : nullptr, nullptr);
  }
  int32_t ask(std::string method, std::string path, std::optional<std::string> body = {}, bool whole = true) {
    const int32_t id = submit(std::move(method), std::move(path), std::move(body), whole);
    turn();
    return id;
  }
  // Goes on with a body that was not whole.
  void more(int32_t id, std::string_view text, bool whole = false) {
    body_ += text;
    whole_ = whole;
    nghttp2_session_resume_data(session_, id);
  }
  void reset(int32_t id) { nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL); }

  Side& side() { return side_; }
  std::map<int32_t, Seen> streams;
  std::optional<uint32_t> goaway;

 private:
  static H2Peer& self(void* user) { return *static_cast<H2Peer*>(user); }
  Stage& stage_;
  Side& side_;
  nghttp2_session* session_ = nullptr;
  std::string body_;
  bool whole_ = true;
};

class H2StreamTest : public testing::Test {
 protected:
  static std::string config(const std::string& front = "", const std::string& back = "") {
    return "frontend fe\n bind :8080 proto h2\n" + front + " default_backend be\nbackend be\n" + back +
           " server s1 127.0.0.1:81\n";
  }
  Stage stage{config()};
};

TEST_F(H2StreamTest, AnExchange) {
  H2Peer peer(stage);
  const int32_t id = peer.ask("GET", "/path");
  ASSERT_EQ(stage.servers.size(), 1u);
  EXPECT_THAT(stage.servers[0]->take(), StartsWith("GET /path HTTP/1.1\r\nhost: h2.test\r\n"));
  stage.servers[0]->send(kOk);
  peer.turn();
  EXPECT_EQ(peer.streams[id].fields, ":status=200 content-length=2 ");
  EXPECT_EQ(peer.streams[id].body, "ok");
  EXPECT_TRUE(peer.streams[id].ended);
}

TEST_F(H2StreamTest, ABodyOfUnknownLengthIsChunked) {
  H2Peer peer(stage);
  peer.ask("POST", "/", "hello");
  EXPECT_THAT(stage.servers.at(0)->take(), HasSubstr("transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"));
}

// A server that takes all again in the very turn in which more comes: what has to wait for room must not be forgotten.
TEST_F(H2StreamTest, WhatWaitsForRoomGoesOn) {
  for (int pieces = 8; pieces < 24; ++pieces) {
    stage.load(config());
    H2Peer peer(stage);
    const std::string piece(16000, 'x');
    const int32_t id = peer.ask("POST", "/", piece, false);
    Side& server = *stage.servers.at(0);
    server.deaf = true;
    for (int i = 0; i < pieces; ++i) {
      peer.more(id, piece);
      peer.turn();
    }
    server.deaf = false;
    peer.more(id, piece, true);
    while (server.read()) continue;
    peer.send();
    peer.turn();
    EXPECT_THAT(server.take(), EndsWith("\r\n0\r\n\r\n")) << pieces;
  }
}

TEST_F(H2StreamTest, TrailersOfTheServer) {
  H2Peer peer(stage);
  const int32_t id = peer.ask("GET", "/");
  stage.servers.at(0)->send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n");
  peer.turn();
  EXPECT_EQ(peer.streams[id].fields, ":status=200 x-sum=1 ");
  EXPECT_TRUE(peer.streams[id].ended);
}

TEST_F(H2StreamTest, AnAnswerThatWasCutIsReset) {
  H2Peer peer(stage);
  const int32_t id = peer.ask("GET", "/");
  stage.servers.at(0)->send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
  peer.turn();
  stage.servers[0]->close();
  peer.turn();
  EXPECT_EQ(peer.streams[id].body, "half");
  EXPECT_FALSE(peer.streams[id].ended);
  EXPECT_TRUE(peer.streams[id].reset);
  EXPECT_FALSE(peer.goaway);
}

TEST_F(H2StreamTest, ACancelledRequestLeavesTheServer) {
  H2Peer peer(stage);
  const int32_t id = peer.ask("GET", "/");
  peer.reset(id);
  peer.turn();
  EXPECT_TRUE(stage.servers.at(0)->ended);
  EXPECT_EQ(stage.server().served(), 0u);
}

TEST_F(H2StreamTest, WhatIsCancelledAtOnceGoesToNoServer) {
  H2Peer peer(stage);
  const int32_t id = peer.submit("GET", "/");
  peer.send();
  peer.reset(id);
  peer.send();
  peer.turn();
  EXPECT_TRUE(stage.servers.empty());
}

TEST_F(H2StreamTest, ACancelledRequestLeavesTheQueue) {
  stage.load("frontend fe\n bind :8080 proto h2\n default_backend be\nbackend be\n server s1 127.0.0.1:81 maxconn 1\n");
  H2Peer peer(stage);
  const int32_t first = peer.ask("GET", "/first"), second = peer.ask("GET", "/second");
  ASSERT_EQ(stage.servers.size(), 1u);
  peer.reset(second);
  peer.turn();
  EXPECT_EQ(stage.server().queue().size(), 0u);
  stage.servers[0]->send(kOk);
  peer.turn();
  EXPECT_TRUE(peer.streams[first].ended);
  EXPECT_THAT(stage.servers[0]->take(), testing::Not(HasSubstr("/second")));
}

TEST_F(H2StreamTest, AClientThatClosesIsGoneAtOnce) {
  H2Peer peer(stage);
  const int32_t id = peer.ask("GET", "/");
  stage.servers.at(0)->send(kOk);
  peer.turn();
  EXPECT_TRUE(peer.streams[id].ended);
  peer.side().close();
  stage.settle();
  EXPECT_EQ(stage.worker_->connections(), 0u);
}

TEST_F(H2StreamTest, AHalfClosedClientIsAnswered) {
  H2Peer peer(stage);
  const int32_t id = peer.ask("GET", "/");
  peer.side().shut();
  stage.settle();
  stage.servers.at(0)->send(kOk);
  peer.turn();
  EXPECT_TRUE(peer.streams[id].ended);
  EXPECT_TRUE(stage.until([&] { return stage.worker_->connections() == 0; }));
}

TEST_F(H2StreamTest, AHalfClosedClientWithoutItsBodyIsNot) {
  H2Peer peer(stage);
  peer.ask("POST", "/", "half", false);
  ASSERT_EQ(stage.servers.size(), 1u);
  peer.side().shut();
  peer.turn();
  EXPECT_TRUE(stage.servers[0]->ended);
  EXPECT_TRUE(stage.until([&] { return stage.worker_->connections() == 0; }));
}

TEST_F(H2StreamTest, NoMoreIsSentThanTheWindow) {
  H2Peer peer(stage, 10);
  const int32_t id = peer.submit("GET", "/");
  peer.send();
  stage.settle();
  stage.servers.at(0)->send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + std::string(100, 'x'));
  peer.turn();  // opens the window again and again
  EXPECT_EQ(peer.streams[id].body.size(), 100u);
  EXPECT_TRUE(peer.streams[id].ended);
}

TEST_F(H2StreamTest, AnswersOfOurOwn) {
  stage.load(
      config(" http-request return status 200 content-type text/plain string here if { path /here }\n"
             " http-request deny if { path /deny }\n"));
  H2Peer peer(stage);
  const int32_t here = peer.ask("GET", "/here"), denied = peer.ask("POST", "/deny", "half", false);
  EXPECT_EQ(peer.streams[here].body, "here");
  EXPECT_THAT(peer.streams[denied].fields, StartsWith(":status=403"));
  EXPECT_TRUE(peer.streams[denied].ended);
  EXPECT_EQ(peer.streams[denied].reset, uint32_t{NGHTTP2_NO_ERROR});
  EXPECT_TRUE(stage.servers.empty());
}

TEST_F(H2StreamTest, TooManyContinuationsEndTheConnection) {
  H2Peer peer(stage);
  std::string flood("\0\0\1\1\0\0\0\0\1\x82", 10);
  for (int i = 0; i < 100; ++i) flood.append("\0\0\1\x9\0\0\0\0\1\x84", 10);
  peer.side().send(flood);
  peer.turn();
  EXPECT_EQ(peer.goaway, uint32_t{NGHTTP2_ENHANCE_YOUR_CALM});
  peer.side().close();
  EXPECT_TRUE(stage.until([&] { return stage.worker_->connections() == 0; }));
}

}  // namespace
}  // namespace lbd::stream
