#include "tests/lbd/balance/fixture.h"

namespace lbd::balance {
namespace {

using FirstTest = BalanceTest;

TEST_F(FirstTest, TheLowestIdWithRoom) {
  config::Server &a = add(), &b = add(), &c = add();
  a.id = 5, b.id = 3, c.id = 4;
  for (config::Server* line : {&a, &b, &c}) line->maxconn = 2;
  start("first");
  EXPECT_EQ(fill(6), "223311");
  server(3).give_slot();
  EXPECT_EQ(fill(1), "3");
}

}  // namespace
}  // namespace lbd::balance
