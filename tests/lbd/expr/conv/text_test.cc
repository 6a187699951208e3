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
  EXPECT_EQ(eval("str(a.b.c),field(4,.)"), "-");
  EXPECT_EQ(eval("str(a..c),field(2,.)"), "str ");
  EXPECT_EQ(eval("str(a.b.c),field(-1,.)"), "str c");
  EXPECT_EQ(eval("str(a.b.c),field(-3,.)"), "str a");
  EXPECT_EQ(eval("str(a.b.c),field(-4,.)"), "-");
  EXPECT_EQ(eval("str(f1_f2_f3__f5),field(2,_,2)"), "str f2_f3");
  EXPECT_EQ(eval("str(f1_f2_f3__f5),field(2,_,0)"), "str f2_f3__f5");
  EXPECT_EQ(eval("str(f1_f2_f3__f5_),field(2,_,9)"), "str f2_f3__f5_");
  EXPECT_EQ(eval("str(f1_f2_f3__f5),field(-2,_,3)"), "str f2_f3_");
  EXPECT_EQ(eval("str(f1_f2_f3__f5),field(-3,_,0)"), "str f1_f2_f3");
  EXPECT_EQ(eval("str(),field(1,_)"), "str ");
  EXPECT_EQ(eval("str(a),field(0,_)"), "error: converter 'field': the first one is number 1, the last one -1");
  EXPECT_EQ(eval("str(a),field(1,)"), "error: converter 'field': the list of delimiters is empty");
  EXPECT_EQ(eval("str(a),field(1)").substr(0, 6), "error:");
  EXPECT_EQ(eval("str(a.b-c),field(2,.-)"), "str b");
  EXPECT_EQ(eval("str('a,b'),field(2,',')"), "str b");
}

TEST_F(TextTest, Words) {
  EXPECT_EQ(eval("str(..a..b.),word(1,.)"), "str a");
  EXPECT_EQ(eval("str(..a..b.),word(2,.)"), "str b");
  EXPECT_EQ(eval("str(..a..b.),word(3,.)"), "str ");
  EXPECT_EQ(eval("str(..a..b.),word(-1,.)"), "str b");
  EXPECT_EQ(eval("str(..a..b.),word(-3,.)"), "str ");
  EXPECT_EQ(eval("str(...),word(1,.)"), "str ");
  EXPECT_EQ(eval("str(..a..b.),word(1,.,2)"), "str a..b");
  EXPECT_EQ(eval("str(..a..b.),word(1,.,3)"), "str a..b.");
  EXPECT_EQ(eval("str(..a..b.),word(1,.,0)"), "str a..b.");
  EXPECT_EQ(eval("str(..a..b.),word(-1,.,2)"), "str a..b");
  EXPECT_EQ(eval("str(..a..b.),word(-1,.,0)"), "str ..a..b");
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
  EXPECT_EQ(eval("str(a),regsub('',x)"), "error: converter 'regsub': the regular expression is empty");
  EXPECT_EQ(eval("str(a),regsub(a,x,m)").substr(0, 6), "error:");
  std::string slashes(20000, '/');
  request("GET " + slashes + " HTTP/1.1\r\n\r\n");
  EXPECT_EQ(eval("url,regsub(/,_,g)"), "str " + std::string(20000, '_'));
}

TEST_F(TextTest, JoinAndTrim) {
  EXPECT_EQ(eval("str(a),concat(b)"), "str ab");
  EXPECT_EQ(eval("str(a),concat"), "str a");
  t_->vars.set(*parse_var_name("txn.n"), Value::of_int(7), &arena_);
  EXPECT_EQ(eval("str(a),concat(<,txn.n,>)"), "str a<7>");
  EXPECT_EQ(eval("str(a),concat(<,txn.none,>)"), "str a<>");
  EXPECT_EQ(eval("str(a),concat(,txn.n)"), "str a7");
  EXPECT_EQ(eval("str(a),concat(,7)").substr(0, 6), "error:");
  EXPECT_EQ(eval("str(a),add_item(:,txn.n,x)"), "str a:7x");
  EXPECT_EQ(eval("str(a),add_item(:,txn.none)"), "str a");
  EXPECT_EQ(eval("str(),add_item(:,txn.n)"), "str 7");
  EXPECT_EQ(eval("str(a),add_item(:,,x)"), "str a:x");
  EXPECT_EQ(eval("str(a),add_item(:)").substr(0, 6), "error:");
  EXPECT_EQ(eval("str('a\r\nb'),cut_crlf"), "str a");
  EXPECT_EQ(eval("str(ab),cut_crlf"), "str ab");
  EXPECT_EQ(eval("str(xyaxy),ltrim(yx)"), "str axy");
  EXPECT_EQ(eval("str(xyaxy),rtrim(yx)"), "str xya");
  EXPECT_EQ(eval("str(xxx),rtrim(x)"), "str ");
}

TEST_F(TextTest, Compares) {
  t_->vars.set(*parse_var_name("txn.t"), Value::of_text("text"), &arena_);
  EXPECT_EQ(eval("str(text),strcmp(txn.t)"), "int 0");
  EXPECT_EQ(eval("str(te),strcmp(txn.t)"), "int -1");
  EXPECT_EQ(eval("str(texts),strcmp(txn.t)"), "int 1");
  EXPECT_GT(eval("str(texu),strcmp(txn.t)"), "int 0");
  EXPECT_EQ(eval("str(a),strcmp(txn.none)"), "-");
  EXPECT_EQ(eval("str(text),secure_memcmp(txn.t)"), "bool 1");
  EXPECT_EQ(eval("str(tex),secure_memcmp(txn.t)"), "bool 0");
  EXPECT_EQ(eval("str(tex2),secure_memcmp(txn.t)"), "bool 0");
  EXPECT_EQ(eval("str(text),secure_memcmp(txn.none)"), "-");
}

}  // namespace
}  // namespace lbd::expr
