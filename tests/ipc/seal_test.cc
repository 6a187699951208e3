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

TEST(Seal, AnExchangeGivesBothEndsTheSame) {
  const KeyExchange a, b, stranger;
  EXPECT_EQ(a.share().size(), 32u);
  EXPECT_NE(a.share(), b.share());
  EXPECT_EQ(a.shared(b.share()), b.shared(a.share()));
  EXPECT_NE(a.shared(b.share()), a.shared(stranger.share()));
  EXPECT_EQ(a.shared("short"), "");
  EXPECT_EQ(a.shared(std::string(32, '\0')), "");
  const Transcript transcript{"hello i", "hello a"};
  EXPECT_NE(transcript.key("s", true, a.shared(b.share())), transcript.key("s", true));
}

TEST(Seal, WhatIsEncryptedIsNotToBeRead) {
  FrameSeal seal(std::string(32, 'k'), SealKind::encrypt);
  std::string one = "a secret a secret", other = one;
  seal.seal(one);
  seal.seal(other);
  EXPECT_EQ(one.find("secret"), one.npos);
  EXPECT_NE(one, other);
}

class SealedPair : public testing::TestWithParam<SealKind> {
 protected:
  std::string sealed(std::string payload) {
    out_.seal(payload);
    return payload;
  }
  bool opens(std::string_view bytes, std::string_view payload) { return in_.open(bytes) && bytes == payload; }
  const std::string key_ = std::string(32, 'k');
  FrameSeal out_{key_, GetParam()}, in_{key_, GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Kinds, SealedPair, testing::Values(SealKind::mac, SealKind::encrypt));

TEST_P(SealedPair, FramesPassInOrder) {
  EXPECT_TRUE(opens(sealed("one"), "one"));
  EXPECT_TRUE(opens(sealed(""), ""));
  EXPECT_TRUE(opens(sealed("two"), "two"));
}

TEST_P(SealedPair, AChangedByteIsSeen) {
  std::string bytes = sealed("one");
  bytes[0] ^= 1;
  EXPECT_FALSE(opens(bytes, "one"));
}

TEST_P(SealedPair, ARepeatedFrameIsSeen) {
  std::string bytes = sealed("one");
  EXPECT_TRUE(opens(bytes, "one"));
  EXPECT_FALSE(opens(bytes, "one"));
}

TEST_P(SealedPair, AMissingFrameIsSeen) {
  sealed("one");
  EXPECT_FALSE(opens(sealed("two"), "two"));
}

TEST_P(SealedPair, ShortFramesAreRefused) {
  EXPECT_FALSE(opens(std::string(15, 'x'), ""));
}

}  // namespace
}  // namespace ipc
