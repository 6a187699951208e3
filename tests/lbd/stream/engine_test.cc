#include "lbd/stream/engine.h"

#include "tests/lbd/stream/fixture.h"

namespace lbd::stream {
namespace {

class EngineTest : public StreamTest {
 protected:
  const SiteTimeouts& timeouts(const std::string& lines) {
    load("frontend fe\n bind :8080\n" + lines + " default_backend be\nbackend be\n server s1 127.0.0.1:81\n");
    return engine_->sites().front().timeouts;
  }
};

// Manual 4.2: what stands for a timeout that is not set.
TEST_F(EngineTest, TimeoutsFallBack) {
  EXPECT_EQ(timeouts("").http_request, base::Seconds(5));
  EXPECT_EQ(timeouts("").http_keep_alive, base::Seconds(5));
  EXPECT_EQ(timeouts(" timeout http-request 7s\n").http_keep_alive, base::Seconds(7));
  EXPECT_EQ(timeouts(" timeout http-request 7s\n timeout http-keep-alive 2s\n").http_keep_alive, base::Seconds(2));
  EXPECT_EQ(timeouts("").tarpit, base::Seconds(5));
  EXPECT_EQ(timeouts(" timeout tarpit 9s\n").tarpit, base::Seconds(9));
  EXPECT_EQ(timeouts("").tunnel, base::Nanos(0));
}

TEST_F(EngineTest, ASiteForEachSection) {
  ASSERT_EQ(engine_->sites().size(), 2u);
  EXPECT_TRUE(engine_->sites()[0].frontend);
  EXPECT_FALSE(engine_->sites()[0].balancer);
  EXPECT_TRUE(engine_->sites()[1].balancer);
  EXPECT_EQ(&engine_->site(1), &engine_->sites()[1]);
}

}  // namespace
}  // namespace lbd::stream
