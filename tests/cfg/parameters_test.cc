#include "cfg/parameters.h"

#include <gtest/gtest.h>

namespace cfg {
namespace {

class ParametersTest : public testing::Test {
 protected:
  Text text(const std::string& chars) { return Text::of_line(*sources_.add("f", chars), 1); }
  std::string substitute(const std::string& line) { return parameters_.substitute(text(line)).first.chars; }

  SourceSet sources_;
  Parameters parameters_{10'000};
};

TEST_F(ParametersTest, SlicesKeepTheirPlaces) {
  Text line = text("abc def");
  line.replace(0, 3, text("x"));
  EXPECT_EQ(line.chars, "x def");
  EXPECT_EQ(line.locate(2, 3).column, 5u);
  EXPECT_EQ(line.locate(2, 3).length, 3u);
  EXPECT_EQ(line.slice(2).locate(0, 99).length, 3u);
  EXPECT_EQ(line.locate(0, 5).length, 1u);  // the second character comes from elsewhere
}

TEST_F(ParametersTest, NamesEndWhereTheyMust) {
  parameters_.define("A", {text("1")});
  EXPECT_EQ(substitute("$A ${A}b $A"), "1 1b 1");
  EXPECT_EQ(substitute("$A,$A- ${A"), "$A,$A- ${A");
  EXPECT_EQ(Parameters::name_length("A_1=x"), 3u);
  EXPECT_EQ(Parameters::name_length("1A"), 0u);
}

TEST_F(ParametersTest, LinesBehindTheFirstWait) {
  parameters_.define("M", {text("one"), text("two $X"), text("three")});
  const Substituted result = parameters_.substitute(text("a ${M} b"));
  EXPECT_EQ(result.first.chars, "a one");
  ASSERT_EQ(result.rest.size(), 2u);
  EXPECT_EQ(result.rest[0].chars, "two $X");
  EXPECT_EQ(result.rest[1].chars, "three b");
}

TEST_F(ParametersTest, TheBudgetEndsABomb) {
  parameters_.define("A", {text("${B}${B}")});
  parameters_.define("B", {text("${C}${C}")});
  parameters_.define("C", {text("${A}${A}")});
  EXPECT_TRUE(parameters_.substitute(text("$A")).endless);
}

TEST_F(ParametersTest, ForgottenNamesStay) {
  parameters_.define("A", {text("1")});
  parameters_.forget("A");
  EXPECT_FALSE(parameters_.defines("A"));
  EXPECT_EQ(substitute("$A"), "$A");
}

}  // namespace
}  // namespace cfg
