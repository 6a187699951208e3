#include "lbd/stream/captured_errors.h"

#include <gtest/gtest.h>

#include <thread>

#include "lbd/config/config.h"

namespace lbd::stream {
namespace {

class CapturedErrorsTest : public testing::Test {
 protected:
  CapturedError error(std::string bytes, bool response = false) {
    CapturedError made;
    made.frontend = &front_;
    if (response) made.backend = &back_;
    made.bytes = std::move(bytes);
    return made;
  }
  config::Proxy front_, back_;
  CapturedErrors errors_;
};

TEST_F(CapturedErrorsTest, KeepsTheLastOfEachKind) {
  errors_.keep(error("first"));
  errors_.keep(error("second"));
  errors_.keep(error("answer", true));
  ASSERT_TRUE(errors_.of(front_).request);
  EXPECT_EQ(errors_.of(front_).request->bytes, "second");
  EXPECT_FALSE(errors_.of(front_).response);
  ASSERT_TRUE(errors_.of(back_).response);
  EXPECT_EQ(errors_.of(back_).response->bytes, "answer");
  EXPECT_FALSE(errors_.of(back_).request);
}

TEST_F(CapturedErrorsTest, CountsThem) {
  EXPECT_EQ(errors_.events(), 0u);
  errors_.keep(error("a"));
  errors_.keep(error("b", true));
  EXPECT_EQ(errors_.events(), 2u);
  EXPECT_EQ(errors_.of(front_).request->event, 0u);
  EXPECT_EQ(errors_.of(back_).response->event, 1u);
}

TEST_F(CapturedErrorsTest, KnowsNothingOfAProxyWithoutErrors) {
  const CapturedErrors::OfProxy none = errors_.of(front_);
  EXPECT_FALSE(none.request || none.response);
}

TEST_F(CapturedErrorsTest, EveryErrorOfManyWorkersIsCounted) {
  std::vector<std::thread> workers;
  for (int worker = 0; worker < 4; ++worker)
    workers.emplace_back([&] {
      for (int i = 0; i < 500; ++i) errors_.keep(error("x"));
    });
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(errors_.events(), 2000u);
  EXPECT_EQ(errors_.of(front_).request->bytes, "x");
}

}  // namespace
}  // namespace lbd::stream
