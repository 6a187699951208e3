#include "lbd/log/event.h"

#include <gmock/gmock.h>

#include "tests/lbd/log/log_fixture.h"

namespace lbd::log {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class EventLogTest : public testing::Test, public LogFixture {};

TEST_F(EventLogTest, GoesToTheTargetsOfTheProxy) {
  config.global.logs = {line()};
  config::Proxy& own = proxy("own");
  own.logs = {line()};
  own.logs[0].facility = "local1";
  own.log_tag = "mine";
  config::Proxy& shared = proxy("shared");
  shared.log_global = true;
  config::Proxy& silent = proxy("silent");
  LogTargets targets(config, diagnostics);
  ASSERT_FALSE(diagnostics.has_errors()) << diagnostics.render();
  EventLog events(config, targets);
  events.write(own, base::Level::notice, "Server own/a is UP");
  events.write(shared, base::Level::alert, "Server shared/a is DOWN");
  events.write(silent, base::Level::emerg, "nobody hears");
  events.write(base::Level::warning, "of the process");
  EXPECT_THAT(received(), ElementsAre("<141>mine[42]: Server own/a is UP", "<129>haproxy[42]: Server shared/a is DOWN",
                                      "<132>haproxy[42]: of the process"));
}

TEST_F(EventLogTest, LevelsAreKept) {
  config::Proxy& quiet = proxy("quiet");
  quiet.logs = {line(3)};
  LogTargets targets(config, diagnostics);
  EventLog events(config, targets);
  events.write(quiet, base::Level::notice, "too quiet");
  EXPECT_THAT(received(), IsEmpty());
}

TEST_F(EventLogTest, WhatCannotBeOpenedIsAnError) {
  config::Proxy& wrong = proxy("wrong");
  wrong.logs = {line()};
  wrong.logs[0].target = "ring@no";
  wrong.logs.push_back(line());
  wrong.logs[1].target = "300.1.1.1:9x";
  LogTargets targets(config, diagnostics);
  EXPECT_EQ(diagnostics.errors(), 2u) << diagnostics.render();
}

}  // namespace
}  // namespace lbd::log
