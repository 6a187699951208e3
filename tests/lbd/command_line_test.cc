#include "lbd/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lbd {
namespace {

using testing::ElementsAre;

base::Result<CommandLine> parse(std::vector<const char*> arguments) {
  return parse_command_line(arguments);
}

TEST(CommandLineTest, FlagsStandInAnyOrder) {
  auto line =
      parse({"-d", "-f", "a.cfg", "-Ws", "-p", "/run/x.pid", "-dW", "-f", "conf.d", "-q", "-S", "127.0.0.1:99"});
  ASSERT_TRUE(line);
  EXPECT_THAT(line->files, ElementsAre("a.cfg", "conf.d"));
  EXPECT_TRUE(line->debug && line->foreground && line->master_worker && line->systemd && line->zero_warning);
  EXPECT_TRUE(line->quiet);
  EXPECT_EQ(line->pidfile, "/run/x.pid");
  EXPECT_THAT(line->master_sockets, ElementsAre("127.0.0.1:99"));
  EXPECT_FALSE(line->show_usage);
}

TEST(CommandLineTest, EverythingBehindTwoDashesIsAFile) {
  auto line = parse({"-c", "-f", "a", "--", "b", "-c", "d"});
  ASSERT_TRUE(line);
  EXPECT_TRUE(line->check);
  EXPECT_THAT(line->files, ElementsAre("a", "b", "-c", "d"));
}

TEST(CommandLineTest, PidsEndAtTheNextFlag) {
  auto line = parse({"-sf", "12", "13 14\n", "-st", "-D", "-st", "15"});
  ASSERT_TRUE(line);
  EXPECT_THAT(line->finish, ElementsAre(12, 13, 14));
  EXPECT_THAT(line->terminate, ElementsAre(15));
  EXPECT_TRUE(line->daemon);
  EXPECT_FALSE(parse({"-sf", "12x"}));
  EXPECT_FALSE(parse({"-st", "0"}));  // would be a signal to the whole process group
}

TEST(CommandLineTest, NumbersAndTexts) {
  auto line =
      parse({"-n", "100", "-N", "50", "-m", "64", "-L", "lb1", "-C", "/etc", "-x", "/run/s", "-cc", "feature(X)"});
  ASSERT_TRUE(line);
  EXPECT_EQ(line->maxconn, 100u);
  EXPECT_EQ(line->proxy_maxconn, 50u);
  EXPECT_EQ(line->memory_megabytes, 64u);
  EXPECT_EQ(line->local_peer, "lb1");
  EXPECT_EQ(line->directory, "/etc");
  EXPECT_EQ(line->inherit_from, "/run/s");
  EXPECT_EQ(line->condition, "feature(X)");
}

TEST(CommandLineTest, TheLongestFlagWins) {
  EXPECT_TRUE(parse({"-db"})->foreground);
  EXPECT_FALSE(parse({"-db"})->debug);
  EXPECT_TRUE(parse({"-dQ"})->debug);
  EXPECT_TRUE(parse({"-Dc"})->daemon);
  EXPECT_FALSE(parse({"-Dc"})->check);
  EXPECT_TRUE(parse({"-version"})->show_version);
  EXPECT_TRUE(parse({"-vv"})->show_build);
  EXPECT_EQ(parse({"-dKcfg,smp"})->keyword_dump, "cfg,smp");
  auto harmless = parse({"-dMno-merge,tag", "-de", "-dG", "-dp", "-ds", "-dT", "-dZ", "-dI"});
  ASSERT_TRUE(harmless);
  EXPECT_FALSE(harmless->show_usage || harmless->debug);
  EXPECT_TRUE(harmless->allow_fork);
}

TEST(CommandLineTest, WhatIsUnknownGetsTheUsage) {
  for (const char* wrong : {"-h", "--help", "-?", "a.cfg", "-", "-pfile", "-ccx", "-Sx", "-s"})
    EXPECT_TRUE(parse({"-c", wrong, "-f", "a"})->show_usage) << wrong;
  EXPECT_TRUE(parse({"-cc"})->show_usage);
  auto missing = parse({"-f"});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().text, "-f expects <file|directory>");
}

TEST(CommandLineTest, TheUsageNamesTheFlags) {
  std::string text = usage("lbd");
  for (const char* flag : {"-f <", "-sf [", "-dM[", "-cc <", "-Ws ", "-dW "})
    EXPECT_NE(text.find(flag), std::string::npos) << flag;
}

}  // namespace
}  // namespace lbd
