#include "base/buffer.h"

#include <gtest/gtest.h>

namespace base {
namespace {

TEST(Buffer, MovesWholeChunksWithoutCopying) {
  ChunkPool pool(64);
  Buffer from, to;
  from.append(pool, std::string(64, 'a') + std::string(10, 'b'));
  const char* first = from.front().data();
  from.move_to(to, 64, pool);
  EXPECT_EQ(to.front().data(), first);
  EXPECT_EQ(from.size(), 10u);
  from.move_to(to, 4, pool);
  EXPECT_EQ(to.size(), 68u);
  EXPECT_EQ(from.to_string(), "bbbbbb");
  EXPECT_EQ(to.to_string(), std::string(64, 'a') + "bbbb");
}

TEST(Buffer, AnEmptyBufferHoldsNoChunk) {
  ChunkPool pool(64);
  Buffer buffer;
  buffer.reserve(pool);
  buffer.release_unused();
  EXPECT_TRUE(buffer.front().data() == nullptr);
  buffer.append(pool, "xyz");
  buffer.consume(3);
  EXPECT_TRUE(buffer.front().data() == nullptr);
  EXPECT_EQ(buffer.size(), 0u);
}

TEST(Buffer, FlattenJoinsOrRefuses) {
  ChunkPool pool(8);
  Buffer buffer;
  buffer.append(pool, "12345678");
  buffer.append(pool, "9");
  EXPECT_TRUE(buffer.flatten(pool).empty());
  buffer.consume(5);
  EXPECT_EQ(buffer.flatten(pool), "6789");
}

TEST(Arena, LargeObjectsAndReset) {
  BlockPool pool(256, 4);
  Arena arena(pool);
  std::string_view small = arena.copy("hello");
  char* large = arena.alloc_chars(10000);
  std::memset(large, 1, 10000);
  EXPECT_EQ(small, "hello");
  EXPECT_EQ(arena.concat("a", std::string("bc"), std::string_view("d")), "abcd");
  for (int i = 0; i < 100; ++i) std::memset(arena.alloc(24), 0, 24);
  arena.reset();
  EXPECT_EQ(arena.copy("again"), "again");
}

}  // namespace
}  // namespace base
