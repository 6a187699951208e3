#include <gtest/gtest.h>

#include "lbctl/command.h"
#include "tests/support/registry.h"

namespace lbctl {
namespace {

// status, failover, show, cli, reload
TEST(Commands, Rows) {
  support::expect_sound_registry<CommandRow>("lbctl commands", 4);
}

}  // namespace
}  // namespace lbctl
