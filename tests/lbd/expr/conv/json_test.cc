#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

using JsonConverterTest = ExprTest;

TEST_F(JsonConverterTest, Escapes) {
  EXPECT_EQ(eval("bin(61225c2f0a0b7f),json"), R"(str a\"\\\/\n\u000b\u007f)");
  EXPECT_EQ(eval("bin(c3a4),json"), R"(str \u00c3\u00a4)");
  EXPECT_EQ(eval("bin(c3a4e282ac),json(utf8)"), R"(str \u00e4\u20ac)");
  EXPECT_EQ(eval("bin(61ff62),json(utf8)"), "-");
  EXPECT_EQ(eval("bin(61ff62),json(utf8s)"), "str ab");
  EXPECT_EQ(eval("bin(61c0af62),json(utf8s)"), "str ab");
  EXPECT_EQ(eval("bin(61c0af62),json(utf8p)"), R"(str a\/b)");
  EXPECT_EQ(eval("bin(61c0afff62),json(utf8p)"), "-");
  EXPECT_EQ(eval("bin(61c0afff62),json(utf8ps)"), R"(str a\/b)");
  EXPECT_EQ(eval("str(a),json(latin1)").substr(0, 6), "error:");
}

TEST_F(JsonConverterTest, Queries) {
  t_->vars.set(*parse_var_name("txn.j"),
               Value::of_text(R"({"a":{"b":7},"t":"x\ny","n":[1,2.50,{"k":true}],"my.key":null,"f":1e3})"), &arena_);
  EXPECT_EQ(eval("var(txn.j),json_query('$.a.b')"), "str 7");
  EXPECT_EQ(eval("var(txn.j),json_query('$.a.b',int),add(1)"), "int 8");
  EXPECT_EQ(eval("var(txn.j),json_query('$.t')"), "str x\ny");
  EXPECT_EQ(eval("var(txn.j),json_query('$.n[1]')"), "str 2.5");
  EXPECT_EQ(eval("var(txn.j),json_query('$.n[2].k')"), "bool 1");
  EXPECT_EQ(eval("var(txn.j),json_query('$.f',int)"), "int 1000");
  EXPECT_EQ(eval("var(txn.j),json_query('$.n')"), R"(str [1,2.50,{"k":true}])");
  EXPECT_EQ(eval("var(txn.j),json_query('$.a')"), "-");
  EXPECT_EQ(eval("var(txn.j),json_query('$.my\\.key')"), "-");
  EXPECT_EQ(eval("var(txn.j),json_query('$.n[7]')"), "-");
  EXPECT_EQ(eval("var(txn.j),json_query(a)"),
            "error: converter 'json_query': 'a' is no JSON path such as $.key[0].more");
  EXPECT_EQ(eval("var(txn.j),json_query('$.a',bool)").substr(0, 6), "error:");
}

TEST_F(JsonConverterTest, Tokens) {
  std::string token = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJtZSIsIm4iOjV9.c2ln";
  EXPECT_EQ(eval("str(" + token + "),jwt_header_query('$.alg')"), "str HS256");
  EXPECT_EQ(eval("str(" + token + "),jwt_payload_query('$.n',int)"), "int 5");
  EXPECT_EQ(eval("str(" + token + "),jwt_payload_query"), R"(str {"iss":"me","n":5})");
  EXPECT_EQ(eval("str(a),jwt_header_query"), "-");
  EXPECT_EQ(eval("str(!.b.c),jwt_header_query"), "-");
}

}  // namespace
}  // namespace lbd::expr
