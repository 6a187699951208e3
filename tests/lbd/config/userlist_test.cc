#include <gtest/gtest.h>

#include "tests/support/load_config.h"

namespace lbd::config {
namespace {

TEST(UserlistTest, GroupsFromBothSides) {
  auto loaded = support::load_config(
      "userlist L\n group G1 users tiger,scott\n group G2\n user scott insecure-password elgato groups G2\n"
      " user tiger password $6$k6y3o.eP$JlKBx9za\n");
  EXPECT_EQ(loaded.said(), "");
  const UserList& list = loaded.config->userlists.at(0);
  EXPECT_EQ(list.name, "L");
  ASSERT_EQ(list.users.size(), 2u);
  EXPECT_EQ(list.users[0].name, "scott");
  EXPECT_TRUE(list.users[0].insecure);
  EXPECT_EQ(list.users[0].groups, (std::vector<std::string>{"G1", "G2"}));
  EXPECT_EQ(list.users[1].groups, (std::vector<std::string>{"G1"}));
}

TEST(UserlistTest, Mistakes) {
  EXPECT_TRUE(support::load_config("userlist L\n group g users nobody\n").says("no such user 'nobody'"));
  EXPECT_TRUE(support::load_config("userlist L\n user a insecure-password x groups g\n").says("no such group 'g'"));
  EXPECT_TRUE(support::load_config("userlist L\nuserlist L\n").says("declared twice"));
  EXPECT_TRUE(support::load_config("userlist L\n user a password 1\n").says("crypt(3)"));
}

}  // namespace
}  // namespace lbd::config
