#include "lbd/log/ring.h"

#include <gmock/gmock.h>

namespace lbd::log {
namespace {

using testing::ElementsAre;

constexpr size_t kSize = 16384;

std::vector<std::string> texts(const Ring& ring, uint64_t from = 0, size_t most = 1000) {
  std::vector<std::string> found;
  for (const Ring::Line& line : ring.from(from, most)) found.push_back(line.text);
  return found;
}

Ring::Options options(size_t most_of_a_line = kSize) {
  return {.name = "r", .description = "r", .size = kSize, .most_of_a_line = most_of_a_line};
}

TEST(Ring, KeepsLinesInOrder) {
  Ring ring(options());
  EXPECT_TRUE(ring.put("<6>", "one"));
  EXPECT_TRUE(ring.put("", "two"));
  EXPECT_THAT(texts(ring), ElementsAre("<6>one", "two"));
  EXPECT_THAT(texts(ring, 1), ElementsAre("two"));
  EXPECT_THAT(texts(ring, 0, 1), ElementsAre("<6>one"));
  EXPECT_THAT(texts(ring, 2), ElementsAre());
}

TEST(Ring, OldestLinesMakeRoom) {
  Ring ring(options());
  for (int i = 0; i < 40; ++i) ring.put(std::to_string(i) + " ", std::string(1000, 'x'));
  const auto lines = ring.from(0, 1000);
  size_t bytes = 0;
  for (const Ring::Line& line : lines) bytes += line.text.size();
  EXPECT_LE(bytes, kSize);
  EXPECT_GT(bytes, kSize - 1100);
  EXPECT_EQ(lines.back().number, 39u);
  EXPECT_TRUE(lines.back().text.starts_with("39 "));
  EXPECT_EQ(lines.front().number, 40 - lines.size());
}

TEST(Ring, EmptyLinesHaveALimitToo) {
  Ring ring(options());
  for (size_t i = 0; i < kSize; ++i) ring.put("", "");
  EXPECT_LT(ring.from(0, 2 * kSize).size(), kSize / 8);
}

TEST(Ring, CutsWhatIsTooLong) {
  Ring ring(options(10));
  ring.put("<6>", "0123456789");
  ring.put("a header of more", "text");
  EXPECT_THAT(texts(ring), ElementsAre("<6>0123456", "a header o"));
}

TEST(Ring, CallsOnceWithTheLineThatIsWaitedFor) {
  Ring ring(options());
  int calls = 0;
  ring.call_at(0, [&] { ++calls; });
  EXPECT_EQ(calls, 0);
  ring.put("", "one");
  ring.put("", "two");
  EXPECT_EQ(calls, 1);
  ring.call_at(1, [&] { ++calls; });  // it is there already
  EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace lbd::log
