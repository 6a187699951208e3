#include "cfg/diag.h"

#include <gtest/gtest.h>

namespace cfg {
namespace {

TEST(DiagTest, ShowsLineCaretAndHint) {
  Source source("haproxy.cfg", "global\n\tmaxcon 100\r\n");
  Diagnostics diagnostics;
  diagnostics.error({&source, 2, 2, 6}, "unknown word 'maxcon'", "did you mean 'maxconn'?");
  EXPECT_EQ(diagnostics.render(),
            "[ALERT] haproxy.cfg:2:2: unknown word 'maxcon'\n"
            "     2 |  maxcon 100\n"
            "       |  ^~~~~~\n"
            "       = did you mean 'maxconn'?\n");
  EXPECT_TRUE(diagnostics.has_errors());
}

TEST(DiagTest, WithoutAPlaceOnlyTheText) {
  Diagnostics diagnostics;
  diagnostics.warning({}, "no listener");
  EXPECT_EQ(diagnostics.render(), "[WARNING] no listener\n");
  EXPECT_FALSE(diagnostics.has_errors());
  EXPECT_EQ(diagnostics.warnings(), 1u);
}

TEST(DiagTest, LeavesOutWhatIsBelowTheLevel) {
  Diagnostics diagnostics;
  diagnostics.report(Severity::diag, {}, "advice");
  EXPECT_EQ(diagnostics.render(), "");
  EXPECT_EQ(diagnostics.render(Severity::diag), "[DIAG] advice\n");
}

TEST(DiagTest, AdviceReadsAsAWarningButIsNotCountedAsOne) {
  Diagnostics diagnostics;
  diagnostics.report(Severity::advice, {}, "old word");
  EXPECT_EQ(diagnostics.render(), "[WARNING] old word\n");
  EXPECT_FALSE(diagnostics.has_warnings());
}

TEST(DiagTest, ACaretNeverLeavesTheLine) {
  Source source("x", "ab\n");
  Diagnostics diagnostics;
  diagnostics.error({&source, 1, 3, 50}, "missing argument");
  EXPECT_EQ(diagnostics.render(), "[ALERT] x:1:3: missing argument\n     1 | ab\n       |   ^\n");
}

TEST(DiagTest, LongLinesAreCutAroundThePlace) {
  Source source("x", std::string(5000, 'a') + "!" + std::string(5000, 'b'));
  Diagnostics diagnostics;
  diagnostics.error({&source, 1, 5001, 1}, "here");
  std::string text = diagnostics.render();
  EXPECT_LT(text.size(), 500u);
  EXPECT_NE(text.find("a!b"), std::string::npos);
}

}  // namespace
}  // namespace cfg
