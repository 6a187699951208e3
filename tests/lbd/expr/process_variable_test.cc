#include "lbd/expr/process_variable.h"

#include <gtest/gtest.h>

#include "lbd/expr/value.h"
#include "lbd/expr/vars.h"

namespace lbd::expr {
namespace {

class ProcessVariableTest : public testing::Test {
 protected:
  ProcessVariableTest() {
    process_.config = &config_;
    process_.vars = &vars_;
  }
  std::string set(std::string_view name, std::string_view text, bool formatted = false) {
    const base::Status done = set_process_variable(process_, name, text, formatted, phase::kCli);
    return done ? "" : done.error().text;
  }
  std::string value(std::string_view name) {
    base::BlockPool pool(4096, 1);
    base::Arena arena(pool);
    Value found;
    if (!vars_.get(*parse_var_name(name), found, arena)) return "none";
    return cast(found, Type::string, arena) ? std::string(found.view()) : "no text";
  }
  config::Config config_;
  ProcessVars vars_;
  Process process_;
};

TEST_F(ProcessVariableTest, TakesExpressionsAndFormats) {
  EXPECT_EQ(set("proc.a", "int(5),add(2)"), "");
  EXPECT_EQ(value("proc.a"), "7");
  EXPECT_EQ(set("proc.b", "x%[var(proc.a)]y", true), "");
  EXPECT_EQ(value("proc.b"), "x7y");
}

TEST_F(ProcessVariableTest, RefusesWhatNeedsAnExchangeOrIsWrong) {
  EXPECT_NE(set("txn.a", "int(5)"), "");
  EXPECT_NE(set("nix", "int(5)"), "");
  EXPECT_NE(set("proc.a", "nix"), "");
  EXPECT_NE(set("proc.a", "path"), "");
  EXPECT_NE(set("proc.a", "int(5"), "");
  EXPECT_NE(set("proc.a", "%[path]", true), "");
  EXPECT_EQ(value("proc.a"), "none");
}

}  // namespace
}  // namespace lbd::expr
