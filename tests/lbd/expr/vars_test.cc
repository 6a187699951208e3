#include "lbd/expr/vars.h"

#include <gtest/gtest.h>

#include <string>

#include "lbd/expr/process.h"
#include "lbd/expr/transaction.h"
#include "lbd/expr/value.h"

namespace lbd::expr {
namespace {

TEST(Vars, Names) {
  EXPECT_TRUE(parse_var_name("txn.a"));
  EXPECT_EQ(parse_var_name("sess.A_1.x")->scope, Scope::sess);
  EXPECT_EQ(parse_var_name("proc.a")->scope, Scope::proc);
  EXPECT_EQ(parse_var_name("req.a")->scope, Scope::req);
  EXPECT_EQ(parse_var_name("res.a")->scope, Scope::res);
  EXPECT_EQ(parse_var_name("check.a")->scope, Scope::check);
  EXPECT_FALSE(*parse_var_name("txn.a") == *parse_var_name("txn.b"));
  EXPECT_FALSE(*parse_var_name("txn.a") == *parse_var_name("req.a"));
  for (const char* bad : {"", "a", "txn", "txn.", "txn.a b", "txn.\xc3\xa4", "Txn.a"})
    EXPECT_FALSE(parse_var_name(bad)) << bad;
}

TEST(Vars, InAnArena) {
  base::BlockPool pool(4096, 1);
  base::Arena arena(pool);
  Vars vars;
  VarName a = *parse_var_name("txn.a"), b = *parse_var_name("req.b");
  EXPECT_EQ(vars.find(a), nullptr);
  std::string text = "first";
  vars.set(a, Value::of_text(text), &arena);
  text = "xxxxx";
  EXPECT_EQ(vars.find(a)->view(), "first");
  vars.set(a, Value::of_int(5), &arena);
  EXPECT_EQ(vars.find(a)->integer, 5);
  vars.set(b, Value::of_bool(true), &arena);
  vars.unset_all(Scope::req);
  EXPECT_EQ(vars.find(b), nullptr);
  EXPECT_NE(vars.find(a), nullptr);
  vars.unset(a);
  EXPECT_EQ(vars.find(a), nullptr);
}

TEST(Vars, InMemoryOfTheirOwn) {
  Vars vars;
  VarName a = *parse_var_name("sess.a");
  vars.set(a, Value::of_text("one.two.three"), nullptr);
  const Value kept = *vars.find(a);
  vars.set(a, Value::of_text(kept.view().substr(4)), nullptr);  // a part of what it holds
  EXPECT_EQ(vars.find(a)->view(), "two.three");
  vars.set(a, Value::of_text(std::string(1000, 'x')), nullptr);
  EXPECT_EQ(vars.find(a)->view().size(), 1000u);
  vars.set(a, Value::of_text(""), nullptr);
  EXPECT_EQ(vars.find(a)->view(), "");
}

TEST(Vars, Conditions) {
  auto holds = [](std::string_view words, const Value* current, const Value& input, Scope scope = Scope::txn) {
    VarConditions conditions;
    for (size_t at = 0; at < words.size();) {
      size_t blank = std::min(words.find(' ', at), words.size());
      EXPECT_TRUE(conditions.add(words.substr(at, blank - at)));
      at = blank + 1;
    }
    return conditions.hold(scope, current, input);
  };
  Value text = Value::of_text("x"), empty = Value::of_text(""), five = Value::of_int(5), six = Value::of_int(6);
  EXPECT_FALSE(VarConditions().add("ifnever"));
  EXPECT_TRUE(holds("", nullptr, text));
  EXPECT_TRUE(holds("ifexists", &text, text));
  EXPECT_FALSE(holds("ifexists", nullptr, text));
  EXPECT_TRUE(holds("ifexists", nullptr, text, Scope::proc));
  EXPECT_TRUE(holds("ifnotexists", nullptr, text));
  EXPECT_FALSE(holds("ifnotexists", &text, text));
  EXPECT_FALSE(holds("ifnotexists", nullptr, text, Scope::proc));
  EXPECT_TRUE(holds("ifempty", nullptr, empty));
  EXPECT_FALSE(holds("ifempty", nullptr, five));
  EXPECT_FALSE(holds("ifnotempty", nullptr, empty));
  EXPECT_TRUE(holds("ifnotempty ifnotset", nullptr, text));
  EXPECT_FALSE(holds("ifset", nullptr, text));
  EXPECT_FALSE(holds("ifgt", &five, six));
  EXPECT_TRUE(holds("iflt", &five, six));
  EXPECT_FALSE(holds("iflt", &six, six));
  EXPECT_TRUE(holds("ifgt", &five, text));
  EXPECT_TRUE(holds("ifgt", nullptr, six));
}

TEST(Vars, OfTheProcess) {
  base::BlockPool pool(4096, 1);
  base::Arena arena(pool);
  ProcessVars vars;
  VarName a = *parse_var_name("proc.a");
  Value value;
  EXPECT_FALSE(vars.get(a, value, arena));
  vars.set(a, Value::of_text("kept"));
  ASSERT_TRUE(vars.get(a, value, arena));
  vars.set(a, Value::of_text("gone"));
  EXPECT_EQ(value.view(), "kept");
  vars.unset(a);
  EXPECT_FALSE(vars.get(a, value, arena));
}

TEST(Vars, MemoryIsCountedByScope) {
  base::BlockPool pool(4096, 1);
  base::Arena arena(pool);
  Vars vars;
  VarName a = *parse_var_name("txn.a"), b = *parse_var_name("req.b"), none = *parse_var_name("res.none");
  const Value ten = Value::of_text("0123456789");
  vars.set(a, ten, &arena);
  vars.set(b, Value::of_int(1), &arena);
  EXPECT_EQ(vars.bytes(Scope::txn, none), Vars::bytes_for(ten));
  EXPECT_EQ(vars.bytes(Scope::txn, a), 0u);
  EXPECT_EQ(vars.bytes(Scope::req, none), Vars::bytes_for(ten) - 10);
  vars.unset(b);
  EXPECT_EQ(vars.bytes(Scope::req, none), 0u);
}

TEST(ProcessVars, AreLimited) {
  base::BlockPool pool(4096, 1);
  base::Arena arena(pool);
  ProcessVars vars;
  VarName a = *parse_var_name("proc.a"), b = *parse_var_name("proc.b");
  const Value text = Value::of_text("0123456789");
  const size_t one = Vars::bytes_for(text);
  EXPECT_TRUE(vars.set(a, text, one));
  EXPECT_FALSE(vars.set(b, text, one));
  EXPECT_TRUE(vars.set(a, Value::of_text("9876543210"), one));  // in place of the old value
  EXPECT_TRUE(vars.set(b, text, 0));
  Value got;
  ASSERT_TRUE(vars.get(a, got, arena));
  EXPECT_EQ(got.view(), "9876543210");
}

TEST(Vars, StreamsAndHealthChecksHaveScopesOfTheirOwn) {
  base::BlockPool pool(4096, 1);
  base::Arena arena(pool);
  config::Config config;
  Process process;
  process.config = &config;
  Session session;
  Transaction t(session, arena);
  t.process = &process;
  const Value text = Value::of_text("0123456789");
  auto set = [&](const char* name) { return set_var(t, *parse_var_name(name), text); };
  EXPECT_TRUE(set("sess.a") && set("txn.a") && set("req.a") && set("res.a"));
  EXPECT_FALSE(set("check.a"));
  t.health_check = true;
  EXPECT_TRUE(set("sess.a") && set("check.a"));
  EXPECT_FALSE(set("txn.b") || set("req.b") || set("res.b"));

  config.global.tune.vars_check_max_size = Vars::bytes_for(text);  // tune.vars.check-max-size
  EXPECT_TRUE(set("check.a"));
  EXPECT_FALSE(set("check.b"));
  EXPECT_TRUE(set("sess.b"));
}

}  // namespace
}  // namespace lbd::expr
