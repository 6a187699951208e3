#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

using InternalTest = ExprTest;

TEST_F(InternalTest, Constants) {
  EXPECT_EQ(eval("always_true"), "bool 1");
  EXPECT_EQ(eval("always_false"), "bool 0");
  EXPECT_EQ(eval("bool(TRUE)"), "bool 1");
  EXPECT_EQ(eval("bool(0)"), "bool 0");
  EXPECT_EQ(eval("bool(2)"), "error: sample fetch 'bool': must be true, false, 1 or 0");
  EXPECT_EQ(eval("int(-5)"), "int -5");
  EXPECT_EQ(eval("str(a b)"), "str a b");
  EXPECT_EQ(eval("str"), "str ");
  EXPECT_EQ(eval("bin(4142)"), "bin AB");
  EXPECT_EQ(eval("bin(414)"), "error: sample fetch 'bin': needs an even number of hexadecimal digits");
  EXPECT_EQ(eval("bin(4x)"), "error: sample fetch 'bin': '4x' is not hexadecimal");
  EXPECT_EQ(eval("ipv4(192.0.2.1)"), "ipv4 192.0.2.1");
  EXPECT_EQ(eval("ipv6(2001:db8::1)"), "ipv6 2001:db8::1");
  EXPECT_EQ(eval("meth(GET)"), "meth GET");
  EXPECT_EQ(eval("nbproc"), "int 1");
  EXPECT_EQ(eval("proc"), "int 1");
}

TEST_F(InternalTest, Environment) {
  ::setenv("TANDEM_EXPR_TEST", "from outside", 1);
  EXPECT_EQ(eval("env(TANDEM_EXPR_TEST)"), "str from outside");
  ::unsetenv("TANDEM_EXPR_TEST");
  EXPECT_EQ(eval("env(TANDEM_EXPR_TEST)"), "-");
}

TEST_F(InternalTest, TheProcess) {
  EXPECT_EQ(eval("hostname"), "str host.example");
  EXPECT_EQ(eval("act_conns"), "int 3");
  EXPECT_EQ(eval("stopping"), "bool 0");
  stopping_ = true;
  EXPECT_EQ(eval("stopping"), "bool 1");
}

TEST_F(InternalTest, Dates) {
  auto number = [&](const char* text) { return std::stoll(eval(text).substr(4)); };
  long long now = number("date");
  EXPECT_NEAR(static_cast<double>(now), static_cast<double>(::time(nullptr)), 2);
  EXPECT_NEAR(static_cast<double>(number("date(-100)")), static_cast<double>(now - 100), 2);
  EXPECT_NEAR(static_cast<double>(number("date(0,ms)")) / 1000, static_cast<double>(now), 2);
  EXPECT_NEAR(static_cast<double>(number("date(0,us)")) / 1e6, static_cast<double>(now), 2);
  EXPECT_EQ(eval("date(0,h)"), "error: sample fetch 'date': the unit must be s, ms or us");
  EXPECT_LT(number("date_us"), 1'000'000);
}

TEST_F(InternalTest, Random) {
  for (int i = 0; i < 100; ++i) {
    long long got = std::stoll(eval("rand(3)").substr(4));
    EXPECT_GE(got, 0);
    EXPECT_LT(got, 3);
  }
  EXPECT_NE(eval("rand"), eval("rand"));
  std::string uuid = eval("uuid");
  ASSERT_EQ(uuid.size(), 4u + 36u);
  EXPECT_EQ(uuid[4 + 14], '4');
  EXPECT_NE(std::string("89ab").find(uuid[4 + 19]), std::string::npos);
  EXPECT_NE(uuid, eval("uuid(4)"));
  EXPECT_EQ(eval("uuid(1)"), "error: sample fetch 'uuid': only version 4 is supported");
}

TEST_F(InternalTest, OfTheExchange) {
  t_->priority_class = -3;
  t_->priority_offset = 7;
  EXPECT_EQ(eval("prio_class"), "int -3");
  EXPECT_EQ(eval("prio_offset"), "int 7");
  EXPECT_EQ(eval("last_rule_file"), "-");
  EXPECT_EQ(eval("last_rule_line"), "-");
  cfg::Location where;
  where.line = 12;
  t_->last_rule = &where;
  EXPECT_EQ(eval("last_rule_line"), "int 12");
}

TEST_F(InternalTest, Variables) {
  EXPECT_EQ(eval("var(txn.a)"), "-");
  EXPECT_EQ(eval("var(txn.a,none)"), "str none");
  t_->vars.set(*parse_var_name("txn.a"), Value::of_int(5), &arena_);
  EXPECT_EQ(eval("var(txn.a)"), "int 5");
  EXPECT_EQ(eval("var(txn.a,none),add(1)"), "int 6");
  session_.vars.set(*parse_var_name("sess.b"), Value::of_text("kept"), nullptr);
  EXPECT_EQ(eval("var(sess.b)"), "str kept");
  process_vars_.set(*parse_var_name("proc.c"), Value::of_bool(true));
  EXPECT_EQ(eval("var(proc.c)"), "bool 1");
  EXPECT_EQ(eval("var(txn.b)"), "-");
}

}  // namespace
}  // namespace lbd::expr
