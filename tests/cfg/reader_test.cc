#include "cfg/reader.h"

#include <gtest/gtest.h>

namespace cfg {
namespace {

struct Outcome {
  std::vector<std::string> lines;
  std::vector<std::string> said;  // "ALERT 3: text"
};

Outcome read(std::string text) {
  Source source("a.cfg", std::move(text));
  Environment environment;
  environment.set("YES", "1");
  Platform platform;
  platform.version = "3.4.0";
  Diagnostics diagnostics;
  Reader reader(source, environment, platform, diagnostics);
  Outcome out;
  while (auto statement = reader.next("s")) out.lines.push_back(statement->join());
  for (const Diagnostic& d : diagnostics.all())
    out.said.push_back(std::string(name_of(d.severity)) + " " + std::to_string(d.line) + ": " + d.text);
  return out;
}
using Lines = std::vector<std::string>;

TEST(ReaderTest, Branches) {
  const std::string text =
      ".if \"$A\"\n a\n .if 1\n  aa\n .endif\n.elif \"$B\"\n b\n.elif 1\n c\n.else\n d\n.endif\ne\n";
  EXPECT_EQ(read(text).lines, (Lines{"c", "e"}));
  EXPECT_EQ(read(".if 1\na\n.elif 1\nb\n.else\nc\n.endif\n").lines, (Lines{"a"}));
  EXPECT_EQ(read(".if 0\na\n.else\nb\n.if 0\nc\n.else\nd\n.endif\n.endif\n").lines, (Lines{"b", "d"}));
}

TEST(ReaderTest, WhatIsSwitchedOffMayBeAnything) {
  Outcome out = read(".if 0\n foo \"unclosed\n .if nonsense(\n .endif\n .alert \"no\"\n.endif\n");
  EXPECT_EQ(out.lines, Lines{});
  EXPECT_EQ(out.said, Lines{});
}

TEST(ReaderTest, Messages) {
  EXPECT_EQ(read(".notice \"a b\"\n.warning x\n.alert y\n.diag z\n").said,
            (Lines{"NOTICE 1: a b", "WARNING 2: x", "ALERT 3: y", "DIAG 4: z"}));
  EXPECT_EQ(read(".notice a b\n").said, (Lines{"ALERT 1: '.notice' takes one argument"}));
}

TEST(ReaderTest, MistakesInBlocks) {
  EXPECT_EQ(read(".else\n").said, (Lines{"ALERT 1: '.else' without '.if'"}));
  EXPECT_EQ(read(".endif\n").said, (Lines{"ALERT 1: '.endif' without '.if'"}));
  EXPECT_EQ(read(".if 1\n.else\n.else\n.endif\n").said, (Lines{"ALERT 3: '.else' after '.else' is not permitted"}));
  EXPECT_EQ(read("a\n.if 1\n").said, (Lines{"ALERT 2: this '.if' block is not closed by '.endif'"}));
  EXPECT_EQ(read(".fi\n").said, (Lines{"ALERT 1: unknown directive '.fi'"}));
  EXPECT_EQ(read(".if foo\nx\n.endif\n").said, (Lines{"ALERT 1: unknown predicate 'foo' in '.if'"}));
}

TEST(ReaderTest, ATruncatedFileIsAnError) {
  Outcome out = read("a\nb");
  EXPECT_EQ(out.lines, (Lines{"a", "b"}));
  EXPECT_EQ(out.said, (Lines{"ALERT 2: the last line has no line feed: the file may be truncated"}));
}

TEST(ReaderTest, AConditionErrorPointsIntoTheCondition) {
  Source source("a.cfg", ".if 1 && foo(a)\n.endif\n");
  Environment environment;
  Platform platform;
  Diagnostics diagnostics;
  Reader reader(source, environment, platform, diagnostics);
  EXPECT_FALSE(reader.next(""));
  ASSERT_EQ(diagnostics.errors(), 1u);
  EXPECT_EQ(diagnostics.all()[0].column, 10u);
}

}  // namespace
}  // namespace cfg
