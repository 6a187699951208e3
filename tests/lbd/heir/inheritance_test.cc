// What one set of objects tells as another one takes it.
#include <gtest/gtest.h>

#include "lbd/heir/figures.h"
#include "lbd/heir/rows.h"
#include "lbd/heir/standing.h"
#include "tests/support/load_config.h"

namespace lbd::heir {
namespace {

constexpr const char* kConfig =
    "frontend fe\n bind :80\n default_backend be\nbackend be\n"
    " stick-table type string len 20 size 10 expire 1h store http_req_cnt,http_req_rate(1h),conn_cur,gpc0,server_key\n"
    " server s1 127.0.0.1:81 check\n server s2 127.0.0.1:82\n";

struct Process {
  explicit Process(const std::string& text = kConfig)
      : loaded(support::load_http(text)),
        objects(*loaded.config, 100),
        statistics(*loaded.config, objects, 2),
        tables(*loaded.config),
        inherited(statistics) {
    CHECK(loaded.said().empty());
    for (const auto& backend : objects.backends())
      for (const auto& server : backend->servers()) {
        server->health.checked = server->config().check.enabled;
        server->health.health = server->health.rise;
      }
  }
  server::Backend& backend() { return *objects.backends()[0]; }
  server::Server& server(size_t i) { return *backend().servers()[i]; }
  server::Counters& counters(size_t slot, size_t worker = 0) { return statistics.blocks().at(worker, slot); }
  uint64_t sessions(size_t slot) {
    return statistics.blocks().sum(slot, [](const server::Counters& c) { return c.sessions.get(); });
  }

  support::LoadedConfig loaded;
  server::Objects objects;
  stats::Statistics statistics;
  table::Tables tables;
  InheritedFigures inherited;
};

void tell_figures(Process& from, Process& to) {
  heir::tell_figures(from.statistics, [&](const tandem::Bequest& bequest) { to.inherited.take(bequest.figures()); });
}
void tell_standing(Process& from, Process& to, bool in_sync = false) {
  heir::tell_standing(from.objects,
                      [&](const tandem::Bequest& bequest) { take_standing(to.objects, bequest.standing(), in_sync); });
}
void tell_rows(Process& from, Process& to, base::MonoTime since = {}) {
  heir::tell_rows(from.tables, since, true,
                  [&](const tandem::Bequest& bequest) { take_rows(to.tables, bequest.rows()); });
}

TEST(FiguresTest, CountersGoOnThroughGenerations) {
  Process first, second, third;
  const uint32_t slot = first.server(0).slot();
  first.counters(slot, 0).sessions.add(5);
  first.counters(slot, 1).sessions.add(2);
  first.counters(slot).sessions_now.add(1);
  first.counters(slot, 1).queue_time_max_ms.raise_to(9);
  first.counters(slot).responses[2].add(4);
  first.objects.frontends()[0]->connections_peak = 8;
  tell_figures(first, second);
  EXPECT_EQ(second.sessions(slot), 7u);
  EXPECT_EQ(second.statistics.blocks().inherited(slot).sessions_now.get(), 0u) << "a gauge";
  EXPECT_EQ(second.statistics.blocks().inherited(slot).queue_time_max_ms.get(), 9u);
  EXPECT_EQ(second.statistics.blocks().inherited(slot).responses[2].get(), 4u);
  EXPECT_EQ(second.objects.frontends()[0]->connections_peak.load(), 8u);
  // The same again counts once, and what came later is added.
  tell_figures(first, second);
  EXPECT_EQ(second.sessions(slot), 7u);
  first.counters(slot).sessions.add(1);
  second.counters(slot).sessions.add(10);
  tell_figures(first, second);
  EXPECT_EQ(second.sessions(slot), 18u);
  tell_figures(second, third);
  EXPECT_EQ(third.sessions(slot), 18u);
}

TEST(FiguresTest, WhoClearedDoesNotFallBehindZero) {
  Process first, second;
  const uint32_t slot = first.server(0).slot();
  first.counters(slot).sessions.add(5);
  tell_figures(first, second);
  second.statistics.blocks().inherited(slot).clear_totals();
  tell_figures(first, second);
  EXPECT_EQ(second.sessions(slot), 0u);
  first.counters(slot).clear_totals();
  first.counters(slot).sessions.add(2);
  tell_figures(first, second);
  EXPECT_EQ(second.sessions(slot), 0u);
}

TEST(FiguresTest, AveragesAndRatesGoOn) {
  Process first, second;
  const uint32_t slot = first.backend().slot();
  first.counters(slot).total_time_ms.add(1000);
  first.counters(slot).time_samples.add(10);
  tell_figures(first, second);
  stats::History::Times times = second.statistics.source().history().times(slot);
  EXPECT_DOUBLE_EQ(times.total, 1000);
  EXPECT_DOUBLE_EQ(times.samples, 10);
  first.counters(slot).total_time_ms.add(100);
  first.counters(slot).time_samples.add(1);
  tell_figures(first, second);
  times = second.statistics.source().history().times(slot);
  EXPECT_DOUBLE_EQ(times.total, 1100);
  EXPECT_DOUBLE_EQ(times.samples, 11);
}

TEST(FiguresTest, NamesThatAreNotHereAreLeft) {
  Process first, second("frontend fe\n bind :80\n default_backend other\nbackend other\n server s1 127.0.0.1:81\n");
  first.counters(first.server(0).slot()).sessions.add(5);
  first.counters(first.objects.frontends()[0]->slot()).sessions.add(3);
  tell_figures(first, second);
  EXPECT_EQ(second.sessions(second.server(0).slot()), 0u);
  EXPECT_EQ(second.sessions(second.objects.frontends()[0]->slot()), 3u);
  tandem::Figures nonsense;
  nonsense.add_names("sessions");
  auto& object = *nonsense.add_objects();
  object.set_name("F fe");
  for (uint32_t number : {0u, 7u, ~0u}) {
    object.add_counters(number);
    object.add_values(4);
  }
  second.inherited.take(nonsense);
  EXPECT_EQ(second.sessions(second.objects.frontends()[0]->slot()), 4u) << "told again, it is one more";
  object.add_counters(0);
  second.inherited.take(nonsense);
  EXPECT_EQ(second.sessions(second.objects.frontends()[0]->slot()), 4u) << "values are missing";
}

TEST(StandingTest, WhatAnOperatorSaidAndChecksFound) {
  Process first, second;
  first.server(1).set_admin(server::kForcedDrain);
  first.server(1).set_user_weight(7);
  first.server(1).set_address(base::SockAddr(base::IpPort{*base::IpAddr::parse("127.0.0.9"), 99}));
  first.server(1).set_maxconn(44);
  server::HealthFacts& health = first.server(0).health;
  health.health = 0;
  health.failed = 3;
  health.last = {server::CheckStatus::l4_refused, server::CheckResult::failed, -1, base::Millis(5),
                 "Connection refused"};
  first.server(0).set_operational(server::Operational::stopped);
  first.server(0).downtime.before = base::Seconds(100);
  tell_standing(first, second);
  EXPECT_EQ(second.server(1).admin(), server::kForcedDrain);
  EXPECT_EQ(second.server(1).user_weight(), 7u);
  EXPECT_EQ(second.server(1).address().to_string(), "127.0.0.9:99");
  EXPECT_EQ(second.server(1).maxconn(), 44u);
  EXPECT_FALSE(second.server(0).up());
  EXPECT_EQ(second.server(0).health.failed, 3u);
  EXPECT_EQ(second.server(0).health.last.detail, "Connection refused");
  EXPECT_EQ(second.server(0).downtime.changed, first.server(0).downtime.changed);
  EXPECT_EQ(second.server(0).downtime.before, base::Seconds(100));
  EXPECT_TRUE(second.server(1).up());
}

TEST(StandingTest, AFileThatWasEditedWins) {
  Process first, second(
                     "frontend fe\n bind :80\n default_backend be\nbackend be\n server s1 127.0.0.1:81\n"
                     " server s2 127.0.0.1:83 weight 3 maxconn 5\n");
  first.server(1).set_admin(server::kForcedMaintenance);
  first.server(1).set_user_weight(7);
  first.server(1).set_maxconn(44);
  first.server(1).set_address(base::SockAddr(base::IpPort{*base::IpAddr::parse("127.0.0.9"), 99}));
  first.server(0).set_operational(server::Operational::stopped);
  tell_standing(first, second);
  EXPECT_EQ(second.server(1).user_weight(), 3u);
  EXPECT_EQ(second.server(1).maxconn(), 5u);
  EXPECT_EQ(second.server(1).address().to_string(), "127.0.0.1:83");
  EXPECT_EQ(second.server(1).admin(), server::kForcedMaintenance) << "nothing was said of it";
  EXPECT_TRUE(second.server(0).up()) << "nobody checks it any more";
}

TEST(StandingTest, WhatReplicationKeepsIsNotTakenTwice) {
  Process first, second;
  first.server(1).set_admin(server::kForcedMaintenance);
  first.server(1).set_user_weight(7);
  tell_standing(first, second, true);
  EXPECT_EQ(second.server(1).admin(), 0);
  EXPECT_EQ(second.server(1).user_weight(), 1u);
}

TEST(RowsTest, EntriesWithTheirAgeAndNames) {
  Process first, second;
  table::Table &from = *first.tables.all()[0], &to = *second.tables.all()[0];
  auto field = [](table::Table& table, std::string_view type) { return *table.layout().find(config::data_type(type)); };
  to.number_of("another");  // so that numbers of names differ
  const base::MonoTime now = base::mono_now();
  from.with("alice", table::Table::Use::create, now - base::Seconds(1800), [&](table::Record& record) {
    record.add(field(from, "http_req_cnt"), 5);
    record.add(field(from, "conn_cur"), 2);
    record.set(field(from, "server_key"), from.number_of("s2"));
  });
  from.with("late", table::Table::Use::create, now, [&](table::Record& record) { record.add(field(from, "gpc0"), 1); });
  tell_rows(first, second);
  ASSERT_EQ(to.used(), 2u);
  ASSERT_TRUE(to.with("alice", table::Table::Use::look, now, [&](table::Record& record) {
    EXPECT_EQ(record.get(field(to, "http_req_cnt")), 5u);
    EXPECT_EQ(record.get(field(to, "conn_cur")), 0u);
    EXPECT_EQ(to.name_of(static_cast<uint32_t>(record.get(field(to, "server_key")))), "s2");
    EXPECT_NEAR(static_cast<double>(base::to_millis(record.expires_in())), 1'800'000, 10'000);
  }));
  // Later only what was used since.
  from.with("late", table::Table::Use::touch, now, [&](table::Record& record) { record.add(field(from, "gpc0"), 1); });
  size_t told = 0;
  heir::tell_rows(first.tables, now - base::Seconds(60), true,
                  [&](const tandem::Bequest& bequest) { told += static_cast<size_t>(bequest.rows().rows_size()); });
  EXPECT_EQ(told, 1u);
}

TEST(RowsTest, AnotherTableOfTheNameTakesWhatItStores) {
  Process first, second(
                     "frontend fe\n bind :80\n default_backend be\nbackend be\n server s1 127.0.0.1:81\n"
                     " stick-table type string len 20 size 10 expire 10m store gpc0\n");
  Process third(
      "frontend fe\n bind :80\n default_backend be\nbackend be\n server s1 127.0.0.1:81\n"
      " stick-table type ip size 10 store gpc0\n");
  table::Table& from = *first.tables.all()[0];
  const base::MonoTime now = base::mono_now();
  from.with("old", table::Table::Use::create, now - base::Seconds(1800), [](table::Record&) {});
  from.with("new", table::Table::Use::create, now,
            [&](table::Record& record) { record.add(*from.layout().find(config::data_type("gpc0")), 3); });
  tell_rows(first, second);
  table::Table& to = *second.tables.all()[0];
  EXPECT_EQ(to.used(), 1u) << "what is older than entries may be here";
  EXPECT_TRUE(to.with("new", table::Table::Use::look, now, [&](table::Record& record) {
    EXPECT_EQ(record.get(*to.layout().find(config::data_type("gpc0"))), 3u);
  }));
  tell_rows(first, third);
  EXPECT_EQ(third.tables.all()[0]->used(), 0u);
}

}  // namespace
}  // namespace lbd::heir
