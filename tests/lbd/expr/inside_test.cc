// What no client began: health checks, lines of the global section, commands. Everything that compiles there must find
// what it needs, or say that it is not there.
#include "lbd/expr/log_tag.h"
#include "lbd/expr/row.h"
#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

class InsideTest : public ExprTest {
 protected:
  void begin(Phases where) {
    fresh();
    t_ = std::make_unique<Transaction>(nobody_, arena_);
    t_->process = &process_;
    t_->now = base::mono_now();
    if (where == phase::kCheck) {
      t_->begin_inside("CHECKS-FE");
      t_->health_check = true;
      with_backend(true);
      context_.emplace(*loaded_.config, *be_, storage_, diagnostics_);
    } else {
      t_->begin_inside(where == phase::kCli ? "CLI" : "CFG");
      context_.emplace(*loaded_.config, nowhere_, storage_, diagnostics_);
    }
  }
  Session nobody_;
  config::Proxy nowhere_;
};

TEST_F(InsideTest, EachTagFindsWhatItNeeds) {
  size_t printed = 0;
  for (Phases where : {phase::kCheck, phase::kConfig, phase::kCli}) {
    begin(where);
    LogTags::for_each([&](const LogTagRow& row) {
      const std::string text = print("%" + std::string(row.name), TextFor::variable, where);
      EXPECT_EQ(text.starts_with("error"), row.http_only && where != phase::kCheck) << row.name << ": " << text;
      ++printed;
    });
  }
  EXPECT_GT(printed, 180);
}

TEST_F(InsideTest, NamesStandForTheProxies) {
  const char* format = "%f %ft %b %s %ts %tsc %Th %Tt %ST %B %fi";
  begin(phase::kConfig);
  EXPECT_EQ(print(format, TextFor::variable, phase::kConfig), "CFG CFG CFG <NOSRV> PR PR-- -1 0 0 0 ");
  begin(phase::kCli);
  EXPECT_EQ(print(format, TextFor::variable, phase::kCli), "CLI CLI CLI <NOSRV> PR PR-- -1 0 0 0 ");
  begin(phase::kCheck);
  EXPECT_EQ(print(format, TextFor::variable, phase::kCheck), "CHECKS-FE CHECKS-FE be s1 PR PR-- -1 +0 0 +0 ");
}

TEST_F(InsideTest, EachFetchFindsWhatItNeeds) {
  size_t ran = 0;
  const auto run = [&](Phases where) {
    Fetches::for_each([&](const FetchRow& row) {
      for (const char* arguments : {"", "()", "(1)", "(2,3)", "(a)", "(a,1)", "(be)", "(be/s1)", "(fe)", "(users)",
                                    "(proc.a)", "(check.a)", "(127.0.0.1)"}) {
        const std::string text = std::string(row.name) + arguments;
        diagnostics_ = {};
        const Expr* expr = parse_expr(*context_, word(text), where);
        if (!expr) continue;
        ++ran;
        SCOPED_TRACE(text);
        Value value;
        expr->eval(*t_, value);
        Cursor cursor;
        cursor.iterate = true;
        expr->step(*t_, cursor, value);
      }
    });
  };
  for (Phases where : {phase::kCheck, phase::kConfig, phase::kCli}) {
    begin(where);
    run(where);
  }
  begin(phase::kCheck);
  response("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
  run(phase::kCheck);
  EXPECT_GT(ran, 400);
}

}  // namespace
}  // namespace lbd::expr
