#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

using TextTest = ExprTest;

TEST_F(TextTest, CaseAndLength) {
  EXPECT_EQ(eval("str(AbC-\xc3\x84),lower"), "str abc-\xc3\x84");
  EXPECT_EQ(eval("str(AbC-\xc3\xa4),upper"), "str ABC-\xc3\xa4");
  EXPECT_EQ(eval("str(),upper"), "str ");
  EXPECT_EQ(eval("str(text),length"), "int 4");
  EXPECT_EQ(eval("bin(4100),length"), "int 1");  // a string ends at NUL
  EXPECT_EQ(eval("int(-12),length"), "int 3");
}

TEST_F(TextTest, Fields) {
  EXPECT_EQ(eval("str(a.b.c),field(1,.)"), "str a");
  EXPECT_EQ(eval("str(a.b.c),field(3,.)"), "str c");
  EXPECT_EQ(eval("str(a.b.c),field(4,.)"), "str ");
  EXPECT_EQ(eval("str(a..c),field(2,.)"), "str ");
  EXPECT_EQ(eval("str(a.b.c),field(-1,.)"), "str c");
  EXPECT_EQ(eval("str(a.b.c),field(-3,.)"), "str a");
  EXPECT_EQ(eval("str(a.b.c),field(-4,.)"), "str ");
  EXPECT_EQ(eval("str(a.b-c),field(2,.-)"), "str b");
  EXPECT_EQ(eval("str('a,b'),field(2,',')"), "str b");
}

TEST_F(TextTest, Words) {
  EXPECT_EQ(eval("str(..a..b.),word(1,.)"), "str a");
  EXPECT_EQ(eval("str(..a..b.),word(2,.)"), "str b");
  EXPECT_EQ(eval("str(..a..b.),word(3,.)"), "-");
  EXPECT_EQ(eval("str(..a..b.),word(-1,.)"), "str b");
  EXPECT_EQ(eval("str(..a..b.),word(-3,.)"), "-");
  EXPECT_EQ(eval("str(...),word(1,.)"), "-");
}

TEST_F(TextTest, Regsub) {
  EXPECT_EQ(eval("str(/a/b/),regsub(/,-)"), "str -a/b/");
  EXPECT_EQ(eval("str(/a/b/),regsub(/,-,g)"), "str -a-b-");
  EXPECT_EQ(eval("str(aXbX),regsub(x,y,gi)"), "str ayby");
  EXPECT_EQ(eval("str(abc),regsub(b*,-,g)"), "str -a--c-");
  EXPECT_EQ(eval("str(abc),regsub('(a)(b)','\\2\\1')"), "str bac");
  EXPECT_EQ(eval("str(abc),regsub(x,y)"), "str abc");
  EXPECT_EQ(eval("str(),regsub('^$',x)"), "str x");
  EXPECT_EQ(eval("str(a),regsub('(',x)").substr(0, 6), "error:");
  std::string slashes(20000, '/');
  request("GET " + slashes + " HTTP/1.1\r\n\r\n");
  EXPECT_EQ(eval("url,regsub(/,_,g)"), "str " + std::string(20000, '_'));
}

TEST_F(TextTest, JoinAndTrim) {
  EXPECT_EQ(eval("str(a),concat(b)"), "str ab");
  EXPECT_EQ(eval("str(a),concat"), "str a");
  EXPECT_EQ(eval("str(xyaxy),ltrim(yx)"), "str axy");
  EXPECT_EQ(eval("str(xyaxy),rtrim(yx)"), "str xya");
  EXPECT_EQ(eval("str(xxx),rtrim(x)"), "str ");
}

}  // namespace
}  // namespace lbd::expr
