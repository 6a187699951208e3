// Whatever a process says that wants to be inherited from: what makes no sense is left, and what is taken can be told
// on.
//
// fuzz-modules: lbd/config
#include "lbd/heir/connections.h"
#include "lbd/heir/figures.h"
#include "lbd/heir/rows.h"
#include "lbd/heir/standing.h"
#include "tests/support/load_config.h"

using namespace lbd;

namespace {

struct Here {
  Here()
      : loaded(support::load_http(
            "frontend fe\n bind :80\n default_backend be\nbackend be\n"
            " stick-table type string len 20 size 10 expire 1h store http_req_cnt,http_req_rate(1h),gpc0,server_key\n"
            " server s1 127.0.0.1:81 check\n server s2 127.0.0.1:82 track be/s1\n")),
        objects(*loaded.config, 100),
        statistics(*loaded.config, objects, 1),
        tables(*loaded.config),
        figures(statistics) {}
  support::LoadedConfig loaded;
  server::Objects objects;
  stats::Statistics statistics;
  table::Tables tables;
  heir::InheritedFigures figures;
};

heir::Descriptors descriptors(size_t count) {
  heir::Descriptors fds;
  for (size_t i = 0; i < count; ++i) fds.emplace_back(-1);
  return fds;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Here here;
  tandem::Bequest bequest;
  if (!bequest.ParseFromArray(data, static_cast<int>(size))) return 0;
  here.figures.take(bequest.figures());
  heir::take_standing(here.objects, bequest.standing(), false);
  heir::take_rows(here.tables, bequest.rows());
  if (here.tables.all()[0]->used() > 10) __builtin_trap();
  if (auto moved = heir::decode(bequest.connection(), descriptors(heir::descriptors_of(bequest)))) {
    heir::Descriptors fds;
    const tandem::Bequest again = heir::encode(*moved, fds);
    if (!heir::decode(again.connection(), descriptors(fds.size()))) __builtin_trap();
  }
  const auto ignore = [](const tandem::Bequest&) {};
  heir::tell_standing(here.objects, ignore);
  heir::tell_rows(here.tables, {}, true, ignore);
  heir::tell_figures(here.statistics, ignore);
  return 0;
}
