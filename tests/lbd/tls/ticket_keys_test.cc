#include "lbd/tls/ticket_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lbd::tls {
namespace {

using testing::HasSubstr;

std::string line(char fill, size_t size) {
  const std::string bytes(size, fill);
  std::string out(size * 2, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                     reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(size));
  out.resize(static_cast<size_t>(length));
  return out + "\n";
}

TEST(TicketKeysTest, LinesOfAFile) {
  auto keys = TicketKeys::from_text(line('a', 80) + line('b', 80) + line('c', 80) + "\n" + line('d', 80));
  ASSERT_TRUE(keys) << keys.error().text;
  auto ring = (*keys)->keys(0);
  EXPECT_EQ((*ring)[TicketKeys::kInUse].name[0], 'c');  // the last but one
  EXPECT_EQ((*ring)[0].name[0], 'b');
  EXPECT_EQ((*ring)[2].size, 32);
  EXPECT_EQ((*TicketKeys::from_text(line('a', 48) + line('b', 48) + line('c', 48)))->keys(0)->at(1).size, 16);
}

TEST(TicketKeysTest, ErrorsNameTheLine) {
  auto error = [](const std::string& text) { return TicketKeys::from_text(text).error().text; };
  EXPECT_EQ(error(line('a', 80) + line('b', 80)), "3 keys are needed, there are 2");
  EXPECT_EQ(error(line('a', 80) + line('b', 40)), "line 2: a key has 48 or 80 bytes, not 40");
  EXPECT_EQ(error(line('a', 80) + line('b', 48)), "line 2: keys of 48 and of 80 bytes are mixed");
  EXPECT_EQ(error("$$$$"), "line 1: not base64");
  EXPECT_THAT(TicketKeys::from_file("/nonexistent").error().text, HasSubstr("/nonexistent"));
}

TEST(TicketKeysTest, TheyRotateByThemselves) {
  TicketKeys keys(3600, 1000);
  auto first = keys.keys(1000);
  EXPECT_EQ(keys.keys(4599)->at(1).name, first->at(1).name);
  auto second = keys.keys(4600);
  EXPECT_EQ(second->at(1).name, first->at(2).name);
  EXPECT_EQ(second->at(0).name, first->at(1).name);
  EXPECT_NE(second->at(2).name, first->at(2).name);
}

TEST(TicketKeysTest, TheStateGoesToAnotherNode) {
  TicketKeys one(3600, 1000), other(3600, 900), later(3600, 2000);
  const auto used = other.keys(900)->at(1).name;
  EXPECT_TRUE(other.adopt(one.state()));
  EXPECT_EQ(other.keys(1000)->at(1).name, one.keys(1000)->at(1).name);
  EXPECT_EQ(other.keys(1000)->at(2).name, one.keys(1000)->at(2).name);
  EXPECT_EQ(other.keys(1000)->at(0).name, used);  // what it sealed before it opens for a while
  EXPECT_TRUE(later.adopt(one.state()));  // what is here is newer
  EXPECT_NE(later.state(), one.state());
  EXPECT_FALSE(one.adopt("junk"));
  EXPECT_FALSE(one.adopt(one.state() + "x"));
}

TEST(TicketKeysTest, KeysThatNobodyUsedGiveWay) {
  TicketKeys one(3600, 1000), later(3600, 2000);
  EXPECT_TRUE(later.adopt(one.state(), TicketKeys::Adopt::any));
  EXPECT_EQ(later.state(), one.state());
  EXPECT_EQ(TicketKeys::since(one.state()), 1000);
  EXPECT_EQ(TicketKeys::since("junk"), 0);
}

TEST(TicketKeysTest, NodesThatRotateInOneSecondAgree) {
  TicketKeys one(3600, 1000), other(3600, 1000);
  EXPECT_TRUE(other.adopt(one.state(), TicketKeys::Adopt::any));
  (void)one.keys(4600), (void)other.keys(4600);
  EXPECT_EQ(one.keys(4600)->at(1).name, other.keys(4600)->at(1).name);
  const std::string from_one = one.state(), from_other = other.state();
  EXPECT_NE(from_one, from_other);
  EXPECT_TRUE(one.adopt(from_other));
  EXPECT_TRUE(other.adopt(from_one));
  EXPECT_EQ(one.state(), other.state());
}

TEST(TicketKeysTest, AnOperatorMayPushOne) {
  auto keys = *TicketKeys::from_text(line('a', 80) + line('b', 80) + line('c', 80));
  const std::string pushed = line('d', 80);
  EXPECT_TRUE(keys->push(std::string_view(pushed).substr(0, pushed.size() - 1), 5));
  EXPECT_EQ(keys->keys(5)->at(1).name[0], 'c');
  EXPECT_EQ(keys->keys(5)->at(2).name[0], 'd');
  EXPECT_FALSE(keys->push("AAAA", 5));
}

}  // namespace
}  // namespace lbd::tls
