#include "lbd/expr/log_tag.h"
#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

class LogTagsTest : public ExprTest {
 protected:
  LogTagsTest() {
    ::setenv("TZ", "Europe/Berlin", 1);
    ::tzset();
    auto at = [](int ms) { return base::MonoTime(std::chrono::milliseconds(1'000'000 + ms)); };
    t_->at.accepted_wall = base::WallTime(std::chrono::microseconds(1'700'000'000'123'456));
    t_->at.accepted = at(0);
    t_->at.request_wall = t_->at.accepted_wall + std::chrono::seconds(1);
    t_->at.request_start = at(10);
    t_->at.request_done = at(30);
    t_->at.queued_until = at(60);
    t_->at.connected = at(100);
    t_->at.response_head = at(150);
    t_->at.end = at(210);
  }
};

TEST_F(LogTagsTest, Timers) {
  EXPECT_EQ(print("%Th/%Ti/%TR/%Tq/%Tw/%Tc/%Tr/%Td/%Ta/%Tt/%Tu"), "0/10/20/30/30/40/50/60/200/210/200");
  t_->at.handshakes = std::chrono::milliseconds(4);
  EXPECT_EQ(print("%Th/%Ti/%TR/%Tq/%Ta/%Tt/%Tu"), "4/6/20/30/200/210/204");
  t_->at.connected = base::kNever;
  EXPECT_EQ(print("%Tw/%Tc/%Tr"), "30/-1/-1");
  t_->at.request_done = base::kNever;  // tarpitted: the wait counts from the first byte
  EXPECT_EQ(print("%TR/%Tw"), "-1/50");
}

TEST_F(LogTagsTest, Dates) {
  EXPECT_EQ(print("%t"), "14/Nov/2023:23:13:20.123");
  EXPECT_EQ(print("%T"), "14/Nov/2023:22:13:20 +0000");
  EXPECT_EQ(print("%Tl"), "14/Nov/2023:23:13:20 +0100");
  EXPECT_EQ(print("%tr"), "14/Nov/2023:23:13:21.123");
  EXPECT_EQ(print("%trg"), "14/Nov/2023:22:13:21 +0000");
  EXPECT_EQ(print("%trl"), "14/Nov/2023:23:13:21 +0100");
  EXPECT_EQ(print("%Ts %ms"), "1700000000 123");
}

TEST_F(LogTagsTest, TheRequest) {
  request("GET http://a/b?c=d HTTP/1.1\r\n\r\n");
  EXPECT_EQ(print("%HM %HU %HP %HPO %HQ %HV"), "GET http://a/b?c=d http://a/b /b ?c=d HTTP/1.1");
  t_->request_line = "<BADREQ>";
  EXPECT_EQ(print("%{+Q}r %HM"), "\"<BADREQ>\" <BADREQ>");
  t_->status = 404;
  t_->bytes_in = 7;
  t_->bytes_out = 9;
  t_->unique_id = "id-1";
  EXPECT_EQ(print("%ST %U %B %ID"), "404 7 9 id-1");
  t_->status = 0;
  EXPECT_EQ(print("%ST"), "-1");
}

TEST_F(LogTagsTest, Captures) {
  std::string_view slots[] = {"a|b{\"", ""};
  t_->request_captures = slots;
  t_->response_captures = std::span(slots).first(1);
  EXPECT_EQ(print("%hr %hs"), "{a#7Cb#7B#22|} {a#7Cb#7B#22}");
  EXPECT_EQ(print("%hrl,%hsl"), "a#7Cb#7B#22 -,a#7Cb#7B#22");
  EXPECT_EQ(print("%{+Q}hrl,%{+Q}hs"), "\"a#7Cb#7B#22\" \"\",\"{a#7Cb#7B#22}\"");
  EXPECT_EQ(print("%CC %CS"), "- -");
  t_->request_cookie = "a=b";
  t_->response_cookie = "c=d";
  EXPECT_EQ(print("%CC %CS"), "a=b c=d");
}

TEST_F(LogTagsTest, WhereItWent) {
  EXPECT_EQ(print("%f %ft %b/%s %si:%sp"), "fe fe fe/<NOSRV> -:-");
  with_backend(true);
  session_.tls = true;
  EXPECT_EQ(print("%ft %b/%s %si:%sp"), "fe~ be/s1 127.0.0.1:81");
  t_->service = "STATS";
  EXPECT_EQ(print("%s %{+Q}s"), "<STATS> \"<STATS>\"");
  t_->server_source = {*base::IpAddr::parse("127.0.0.9"), 4242};
  EXPECT_EQ(print("%bi:%bp"), "127.0.0.9:4242");
  EXPECT_EQ(print("%fi:%fp"), "198.51.100.2:8080");
  EXPECT_EQ(print("%sslc/%sslv"), "-/-");
}

TEST_F(LogTagsTest, Numbers) {
  t_->connections_now = 1;
  t_->frontend_now = 2;
  t_->backend_now = 3;
  t_->server_now = 4;
  t_->retries = 5;
  t_->queue_before_server = 6;
  t_->queue_before_backend = 7;
  t_->id = 8;
  EXPECT_EQ(print("%ac/%fc/%bc/%sc/%rc %sq/%bq %rt %lc"), "1/2/3/4/5 6/7 8 8");
  t_->redispatched = true;
  EXPECT_EQ(print("%rc"), "+5");
  EXPECT_EQ(print("%H %pid"), "host.example 4711");
  EXPECT_EQ(print("%ts %tsc"), "-- ----");
  t_->termination = {'C', 'D', 'N', 'I'};
  EXPECT_EQ(print("%ts %tsc"), "CD CDNI");
}

}  // namespace
}  // namespace lbd::expr
