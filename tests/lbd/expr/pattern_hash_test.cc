#include "lbd/expr/pattern_hash.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace lbd::expr {
namespace {

// Whatever stands around a piece, and whichever lengths were asked for before, it has one hash.
TEST(PatternHash, APieceHasOneHash) {
  const HashSecret secret;
  const std::string text = "The quick brown Fox jumps over the lazy dog";
  for (bool ignore_case : {false, true}) {
    PieceHash<false> prefixes(text, ignore_case, secret);
    PieceHash<true> suffixes(text, ignore_case, secret);
    std::set<uint32_t> different;
    for (size_t length = 0; length <= text.size(); ++length) {
      std::string prefix = text.substr(0, length), suffix = text.substr(text.size() - length);
      uint32_t from_start = prefixes.at(length), from_end = suffixes.at(length);
      EXPECT_EQ(from_start, PieceHash<false>(prefix, ignore_case, secret).at(length)) << prefix;
      EXPECT_EQ(from_start, PieceHash<false>(prefix + "xyz", ignore_case, secret).at(length)) << prefix;
      EXPECT_EQ(from_end, PieceHash<true>(suffix, ignore_case, secret).at(length)) << suffix;
      EXPECT_EQ(from_end, PieceHash<true>("xyz" + suffix, ignore_case, secret).at(length)) << suffix;
      different.insert(from_start);
    }
    EXPECT_EQ(different.size(), text.size() + 1);
  }
}

TEST(PatternHash, LettersOfBothCases) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  std::string lowered = all;
  for (char& c : lowered)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  for (size_t length = 1; length <= all.size(); ++length) {
    std::string_view some = std::string_view(all).substr(all.size() - length), other = std::string_view(lowered);
    EXPECT_EQ(hash_text(some, true), hash_text(other.substr(other.size() - length), true)) << length;
  }
  EXPECT_NE(hash_text("abc", false), hash_text("Abc", false));
  EXPECT_NE(hash_text(std::string_view("a\0", 2), false), hash_text("a", false));
}

}  // namespace
}  // namespace lbd::expr
