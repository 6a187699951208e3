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

TEST(Buffer, GatherJoinsAsMuchAsAChunkHolds) {
  ChunkPool pool(8);
  Buffer buffer;
  buffer.append(pool, "1234567890abcdefghij");
  EXPECT_EQ(buffer.gather(pool), "12345678");
  buffer.consume(5);
  EXPECT_EQ(buffer.gather(pool), "67890abc");
  EXPECT_EQ(buffer.to_string(), "67890abcdefghij");
  EXPECT_EQ(buffer.size(), 15u);
  buffer.consume(12);
  EXPECT_EQ(buffer.gather(pool), "hij");
  buffer.append(pool, "klm");
  EXPECT_EQ(buffer.to_string(), "hijklm");
}

TEST(Buffer, PrependStandsBeforeAll) {
  ChunkPool pool(8);
  Buffer buffer;
  buffer.prepend(pool, "bc");
  buffer.append(pool, "defghijkl");
  buffer.prepend(pool, "0123456789");
  EXPECT_EQ(buffer.to_string(), "0123456789bcdefghijkl");
  EXPECT_EQ(buffer.size(), 21u);
}

size_t pieces(const Buffer& buffer) {
  struct iovec out[8];
  return buffer.iovecs(out, 8);
}

TEST(Buffer, FewNewBytesJoinBehindTheOld) {
  ChunkPool pool(64);
  Buffer from, to;
  to.append(pool, "head ");
  from.append(pool, "body");
  from.join_to(to, 16);
  EXPECT_TRUE(from.empty());
  EXPECT_EQ(to.to_string(), "head body");
  EXPECT_EQ(pieces(to), 1u);
}

TEST(Buffer, OldBytesJoinBeforeTheNewWhereThereIsRoom) {
  ChunkPool pool(64);
  Buffer from, to;
  to.append(pool, "new ");
  from.append(pool, "older" + std::string(40, 'b'));
  from.consume(5);
  const char* body = from.front().data();
  from.join_to(to, 16);
  EXPECT_EQ(to.to_string(), "new " + std::string(40, 'b'));
  EXPECT_EQ(to.size(), 44u);
  EXPECT_EQ(pieces(to), 1u);
  EXPECT_EQ(to.front().data() + 4, body) << "the body was copied";
}

TEST(Buffer, WhatDoesNotFitIsLinked) {
  ChunkPool pool(64);
  Buffer from, to;
  to.append(pool, "longer head ");
  from.append(pool, "old" + std::string(60, 'b'));
  from.consume(3);
  from.join_to(to, 16);
  EXPECT_EQ(to.to_string(), "longer head " + std::string(60, 'b'));
  EXPECT_EQ(pieces(to), 2u);
  Buffer nothing;
  nothing.join_to(to, 16);
  EXPECT_EQ(to.size(), 72u);
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

TEST(Arena, GoesBackToAMark) {
  BlockPool pool(256, 4);
  Arena arena(pool);
  std::string_view kept = arena.copy("kept");
  const Arena::Mark mark = arena.mark();
  for (int i = 0; i < 100; ++i) std::memset(arena.alloc_chars(i % 10 ? 24 : 1000), 'x', 24);
  arena.rewind(mark);
  EXPECT_EQ(kept, "kept");
  EXPECT_EQ(arena.copy("next").data(), kept.data() + kept.size()) << "the place behind the mark is free again";
  const Arena::Mark later = arena.mark();
  std::string_view stays = arena.copy("stays");
  arena.keep();
  arena.rewind(later);
  EXPECT_NE(arena.copy("other").data(), stays.data());
  EXPECT_EQ(stays, "stays");
}

}  // namespace
}  // namespace base
