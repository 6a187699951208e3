#include "vrrpd/options.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "vrrpd/word_list.h"

namespace vrrpd {
namespace {

Options parse(std::vector<std::string> words) {
  words.insert(words.begin(), "vrrpd");
  auto options = parse_options(words);
  EXPECT_TRUE(options) << options.error().text;
  return options.value_or(Options{});
}

std::string refusal(std::vector<std::string> words) {
  words.insert(words.begin(), "vrrpd");
  const auto options = parse_options(words);
  return options ? "" : options.error().text;
}

TEST(Options, AsStartScriptsUseThem) {
  const Options debian = parse({"--dont-fork"});
  EXPECT_TRUE(debian.foreground);
  EXPECT_EQ(debian.config, "/etc/keepalived/keepalived.conf");

  const Options container = parse({"-n", "-l", "-D", "-P", "-f", "/c", "--pid=/p", "-r", "/r", "--config-id", "lb1"});
  EXPECT_TRUE(container.foreground && container.log_console && container.log_detail);
  EXPECT_EQ(container.config, "/c");
  EXPECT_EQ(container.pid_file, "/p");
  EXPECT_EQ(container.config_id, "lb1");

  EXPECT_EQ(parse({"-nlf", "/c"}).config, "/c");
  EXPECT_EQ(parse({"-f/c"}).config, "/c");
  EXPECT_TRUE(parse({"-t"}).test);
  EXPECT_TRUE(parse({"--config-test=/tmp/log"}).test);
  EXPECT_TRUE(parse({"-D", "-d", "-G", "-V"}).keep_addresses);
  EXPECT_EQ(parse({"-S", "1"}).facility, 17);
  EXPECT_EQ(parse({"-S", "local3"}).facility, 19);
  EXPECT_EQ(parse({"--log-facility=user"}).facility, 1);
}

TEST(Options, WhatIsWrong) {
  EXPECT_EQ(refusal({"--bogus"}), "unknown option '--bogus'");
  EXPECT_EQ(refusal({"-nZ"}), "unknown option '-Z'");
  EXPECT_EQ(refusal({"-f"}), "option '-f' needs a value");
  EXPECT_EQ(refusal({"--dont-fork=yes"}), "option '--dont-fork' takes no value");
  EXPECT_EQ(refusal({"file"}), "unexpected argument 'file'");
}

TEST(Options, WordsAreListedWithTheirBlockAndMeaning) {
  EXPECT_TRUE(parse({"--words"}).list_words);
  const std::string all = word_list();
  EXPECT_NE(all.find("vrrp_instance\tpriority\t"), std::string::npos);
  EXPECT_EQ(all.find("\t\n"), std::string::npos);
}

TEST(Options, Signals) {
  EXPECT_EQ(signal_number("STOP"), SIGTERM);
  EXPECT_EQ(signal_number("RELOAD"), SIGHUP);
  EXPECT_EQ(signal_number("DATA"), SIGUSR1);
  EXPECT_EQ(signal_number("STATS"), SIGUSR2);
  EXPECT_EQ(signal_number("NONE"), 0);
  EXPECT_EQ(parse({"--signum=DATA"}).signal_name, "DATA");
}

TEST(Options, UsageNamesWhatDoesSomething) {
  EXPECT_NE(usage().find("--use-file=X"), std::string::npos);
  EXPECT_EQ(usage().find("--checkers_pid"), std::string::npos);
}

}  // namespace
}  // namespace vrrpd
