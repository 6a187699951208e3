#include "snmp/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace snmp {
namespace {

std::string error(const std::vector<std::string>& words) {
  const auto options = parse_options(words);
  return options ? "" : options.error().text;
}

TEST(Options, AreTaken) {
  const auto options =
      parse_options({"-x", "/m", "-s/stats", "-r", "", "-y", "/y", "-i", "/i", "-u", "nobody", "-D", "-q"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->master, "/m");
  EXPECT_EQ(options->sockets.stats, "/stats");
  EXPECT_EQ(options->sockets.vrrpd, "");
  EXPECT_EQ(options->sockets.syncd, "/y");
  EXPECT_EQ(options->state, "/i");
  EXPECT_EQ(options->user, "nobody");
  EXPECT_TRUE(options->background);
  EXPECT_TRUE(options->quiet);
}

TEST(Options, MistakesAreNamed) {
  EXPECT_THAT(error({"-z"}), testing::HasSubstr("'-z'"));
  EXPECT_THAT(error({"word"}), testing::HasSubstr("'word'"));
  EXPECT_THAT(error({"-x"}), testing::HasSubstr("needs a value"));
  EXPECT_THAT(error({"-Dx"}), testing::HasSubstr("takes no value"));
  EXPECT_THAT(error({"-s", std::string(108, 'x')}), testing::HasSubstr("too long"));
}

}  // namespace
}  // namespace snmp
