#include "ipc/seal.h"

#include <gtest/gtest.h>

namespace ipc {
namespace {

std::string hex(std::string_view bytes) {
  std::string text;
  for (char c : bytes) {
    text += "0123456789abcdef"[static_cast<uint8_t>(c) >> 4];
    text += "0123456789abcdef"[static_cast<uint8_t>(c) & 15];
  }
  return text;
}

TEST(Seal, HmacIsThatOfRfc4231) {
  EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Seal, ProofsDifferByDirectionSecretAndTranscript) {
  Transcript transcript{"hello i", "hello a"};
  EXPECT_EQ(transcript.proof("s", true), transcript.proof("s", true));
  EXPECT_NE(transcript.proof("s", true), transcript.proof("s", false));
  EXPECT_NE(transcript.proof("s", true), transcript.proof("t", true));
  EXPECT_NE(transcript.proof("s", true), transcript.key("s", true));
  Transcript moved{"hello ih", "ello a"};
  EXPECT_NE(transcript.proof("s", true), moved.proof("s", true));
}

class SealedPair : public testing::Test {
 protected:
  std::string sealed(std::string payload) {
    out_.seal(payload);
    return payload;
  }
  bool opens(std::string_view bytes, std::string_view payload) { return in_.open(bytes) && bytes == payload; }
  FrameSeal out_{"key"}, in_{"key"};
};

TEST_F(SealedPair, FramesPassInOrder) {
  EXPECT_TRUE(opens(sealed("one"), "one"));
  EXPECT_TRUE(opens(sealed(""), ""));
  EXPECT_TRUE(opens(sealed("two"), "two"));
}

TEST_F(SealedPair, AChangedByteIsSeen) {
  std::string bytes = sealed("one");
  bytes[0] ^= 1;
  EXPECT_FALSE(opens(bytes, "one"));
}

TEST_F(SealedPair, ARepeatedFrameIsSeen) {
  std::string bytes = sealed("one");
  EXPECT_TRUE(opens(bytes, "one"));
  EXPECT_FALSE(opens(bytes, "one"));
}

TEST_F(SealedPair, AMissingFrameIsSeen) {
  sealed("one");
  EXPECT_FALSE(opens(sealed("two"), "two"));
}

TEST_F(SealedPair, ShortFramesAreRefused) {
  EXPECT_FALSE(opens(std::string(31, 'x'), ""));
}

}  // namespace
}  // namespace ipc
