#include "vrrpd/command.h"

#include <grp.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>

namespace vrrpd {
namespace {

// A user of this machine that is in several groups; null: there is none.
const passwd* user_of_groups() {
  static std::string member;
  setgrent();
  while (const group* entry = getgrent()) {
    if (!entry->gr_mem[0]) continue;
    member = entry->gr_mem[0];
    const passwd* user = getpwnam(member.c_str());
    if (user && user->pw_gid != entry->gr_gid && user->pw_uid != 0) break;
    member.clear();
  }
  endgrent();
  return member.empty() ? nullptr : getpwnam(member.c_str());
}

TEST(Command, GroupsOfItsUser) {
  const passwd* user = user_of_groups();
  if (!user) GTEST_SKIP() << "no user here is in several groups";
  Command command;
  command.argv = {"/bin/true"};
  command.user = user->pw_name;
  GlobalConfig global;
  auto runnable = resolve(command, global);
  ASSERT_TRUE(runnable);
  EXPECT_EQ(runnable->gid, user->pw_gid);
  EXPECT_TRUE(spawn_options(*runnable).groups.empty());

  global.supplementary_groups = true;
  runnable = resolve(command, global);
  ASSERT_TRUE(runnable);
  const std::vector<gid_t>& groups = spawn_options(*runnable).groups;
  EXPECT_GE(groups.size(), 2u);
  EXPECT_EQ(std::count(groups.begin(), groups.end(), user->pw_gid), 1);
}

TEST(Command, WhatCannotRunSaysWhy) {
  Command command;
  command.argv = {"/nowhere/at/all"};
  EXPECT_NE(resolve(command, {}).error().text.find("script '/nowhere/at/all'"), std::string::npos);
  command.argv = {"/bin/true"};
  command.user = "nobody-of-that-name";
  EXPECT_EQ(resolve(command, {}).error().text, "there is no user 'nobody-of-that-name'");
}

}  // namespace
}  // namespace vrrpd
