#include "tests/support/registry.h"

#include "lbd/expr/log_tag.h"
#include "lbd/expr/pattern.h"
#include "lbd/expr/row.h"

namespace lbd::expr {
namespace {

TEST(ExprRegistry, IsSound) {
  support::expect_sound_registry<FetchRow>("sample fetch", 130);
  support::expect_sound_registry<ConverterRow>("converter", 22);
  support::expect_sound_registry<MatchRow>("match method", 13);
  support::expect_sound_registry<LogTagRow>("log tag", 60);
}

}  // namespace
}  // namespace lbd::expr
