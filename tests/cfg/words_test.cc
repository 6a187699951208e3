#include "cfg/words.h"

#include <gtest/gtest.h>

#include "cfg/statement.h"

namespace cfg {
namespace {

struct Lexed {
  std::vector<std::string> texts;
  std::vector<Word> words;
  std::string error;
  uint32_t error_column = 0;
  uint32_t lines = 0;
};

class WordsTest : public testing::Test {
 protected:
  Lexed lex(std::string text) {
    source_ = std::make_unique<Source>("a.cfg", std::move(text));
    Diagnostics diagnostics;
    LexedLine line = lex_line(*source_, 1, {&environment_, "front"}, diagnostics);
    Lexed out;
    out.lines = line.lines;
    for (const Word& word : line.words) out.texts.push_back(word.text);
    out.words = line.words;
    if (diagnostics.has_errors()) {
      out.error = diagnostics.all()[0].text;
      out.error_column = diagnostics.all()[0].column;
    }
    EXPECT_EQ(line.ok, !diagnostics.has_errors());
    return out;
  }
  using Texts = std::vector<std::string>;
  Environment environment_;
  std::unique_ptr<Source> source_;
};

TEST_F(WordsTest, BlanksAndComments) {
  EXPECT_EQ(lex("  maxconn \t 100  # many").texts, (Texts{"maxconn", "100"}));
  EXPECT_EQ(lex("global#this is").texts, (Texts{"global"}));
  EXPECT_EQ(lex("# only").texts, Texts{});
  EXPECT_EQ(lex("").texts, Texts{});
  EXPECT_EQ(lex("daemon\r\n").texts, (Texts{"daemon"}));
  EXPECT_EQ(lex("a \"\" b").texts, (Texts{"a", "", "b"}));
}

TEST_F(WordsTest, EscapesOutsideQuotes) {
  EXPECT_EQ(lex(R"(a\ b \# \\ \' \" \n\t\r \x41\x4a)").texts, (Texts{"a b", "#", "\\", "'", "\"", "\n\t\r", "AJ"}));
  EXPECT_EQ(lex(R"(^/app\.(.*)$ \d+\$ \1)").texts, (Texts{R"(^/app\.(.*)$)", R"(\d+\$)", R"(\1)"}));
}

TEST_F(WordsTest, WeakQuotes) {
  EXPECT_EQ(lex(R"("a b'c#d\"e\$f\\g\ h\'")").texts, (Texts{"a b'c#d\"e$f\\g h'"}));
  EXPECT_EQ(lex(R"(a"b c"d)").texts, (Texts{"ab cd"}));
}

TEST_F(WordsTest, StrongQuotesKeepEverything) {
  EXPECT_EQ(lex(R"('a\b"c$HOME#' x)").texts, (Texts{R"(a\b"c$HOME#)", "x"}));
  EXPECT_EQ(lex(R"("%{+Q}o %t"' %s %{-Q}r')").texts, (Texts{"%{+Q}o %t %s %{-Q}r"}));
}

TEST_F(WordsTest, Variables) {
  environment_.set("HOME", "/root");
  environment_.set("EMPTY", "");
  EXPECT_EQ(lex(R"("$HOME-x${HOME}y")").texts, (Texts{"/root-x/rooty"}));
  EXPECT_EQ(lex(R"("${NOPE-d e}" "${EMPTY-d}" "$NOPE")").texts, (Texts{"d e", "", ""}));
  EXPECT_EQ(lex(R"(${HOME} $HOME '$HOME')").texts, (Texts{"${HOME}", "$HOME", "$HOME"}));
  EXPECT_EQ(lex(R"("${.FILE}:${.LINE}:$.SECTION")").texts, (Texts{"a.cfg:1:front"}));
}

TEST_F(WordsTest, AVariableMayBecomeSeveralWords) {
  environment_.set("LIST", " a b  c ");
  EXPECT_EQ(lex(R"(x "${LIST[*]}" y)").texts, (Texts{"x", "a", "b", "c", "y"}));
  EXPECT_EQ(lex(R"(x"${LIST[*]}"y)").texts, (Texts{"x", "a", "b", "c", "y"}));
  EXPECT_EQ(lex(R"("${LIST}")").texts, (Texts{" a b  c "}));
}

TEST_F(WordsTest, ErrorsPointAtTheCharacter) {
  EXPECT_EQ(lex("acl \"abc").error, "unmatched quote");
  EXPECT_EQ(lex("acl \"abc").error_column, 5u);
  EXPECT_EQ(lex("acl 'abc").error, "unmatched quote");
  EXPECT_EQ(lex("a \\x4").error, "truncated or invalid hexadecimal sequence");
  EXPECT_EQ(lex("a \\xZZ").error_column, 3u);
  EXPECT_EQ(lex("\"${HOME\"").error, "unmatched brace in the name of a variable");
  EXPECT_EQ(lex("\"$\"").error, "forbidden first character in the name of a variable");
  EXPECT_EQ(lex("\"${1}\"").error, "forbidden first character in the name of a variable");
  EXPECT_EQ(lex("\"${A[*}\"").error, "truncated or invalid word expansion sequence");
  EXPECT_EQ(lex(std::string("a\0b", 3)).error, "stray NUL character");
}

TEST_F(WordsTest, ABackslashAtTheEndJoinsTheNextLine) {
  Lexed joined = lex("server a \\\n   1.2.3.4:80 check\nnext");
  EXPECT_EQ(joined.texts, (Texts{"server", "a", "1.2.3.4:80", "check"}));
  EXPECT_EQ(joined.lines, 2u);
  EXPECT_EQ(joined.words[2].loc.line, 2u);
  EXPECT_EQ(joined.words[2].loc.column, 4u);
  EXPECT_EQ(lex("a # comment \\\nb").lines, 1u);
  EXPECT_EQ(lex("a\\").texts, (Texts{"a\\"}));
}

TEST_F(WordsTest, PlacesOfWords) {
  Lexed line = lex("  bind  \"*:80\" 'x' a\\ b");
  EXPECT_EQ(line.words[0].loc.column, 3u);
  EXPECT_EQ(line.words[0].loc.length, 4u);
  EXPECT_EQ(line.words[1].loc.column, 9u);
  EXPECT_EQ(line.words[1].loc.length, 6u);
  EXPECT_EQ(line.words[1].at(2).column, 12u) << "inside quotes, behind the opening one";
  EXPECT_EQ(line.words[0].at(1, 2).column, 4u);
  EXPECT_EQ(line.words[3].at(2).column, line.words[3].loc.column) << "escapes move characters: the whole word";
}

TEST_F(WordsTest, VariablesInAddresses) {
  environment_.set("FD", "7");
  std::string out;
  EXPECT_TRUE(expand_variables("fd@${FD}", environment_, out));
  EXPECT_EQ(out, "fd@7");
  EXPECT_TRUE(expand_variables("$FD:${PORT-80}", environment_, out));
  EXPECT_EQ(out, "7:80");
  EXPECT_TRUE(expand_variables("a${NOPE}b", environment_, out));
  EXPECT_EQ(out, "ab");
  EXPECT_FALSE(expand_variables("fd@${FD", environment_, out));
}

TEST_F(WordsTest, AStatementNamesMissingWords) {
  Statement statement;
  Lexed line = lex("maxconn 12");
  statement.words = line.words;
  statement.loc = line.words[0].loc;
  EXPECT_EQ(statement[1], "12");
  EXPECT_EQ(statement[2], "");
  EXPECT_EQ(statement.at(2).column, 11u);
  EXPECT_EQ(statement.join(), "maxconn 12");
}

}  // namespace
}  // namespace cfg
