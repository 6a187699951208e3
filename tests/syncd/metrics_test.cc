#include "syncd/metrics.h"

#include "cfg/keyword.h"
#include "replica/entry.h"
#include "tests/support/registry.h"

namespace syncd {
namespace {

TEST(Metrics, RowsAreSound) {
  support::expect_sound_registry<cfg::Keyword<Config>>("syncd words", 17);
  support::expect_sound_registry<base::MetricRow<ProcessView>>("syncd numbers", 16);
  support::expect_sound_registry<base::MetricRow<Node>>("syncd numbers of a node", 11);
  support::expect_sound_registry<replica::KindRow>("replicated kinds", 1);
}

}  // namespace
}  // namespace syncd
