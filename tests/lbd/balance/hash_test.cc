#include "tests/lbd/balance/fixture.h"

namespace lbd::balance {
namespace {

using HashTest = BalanceTest;

TEST_F(HashTest, WordsAreChecked) {
  for (const char* good : {"source", "uri", "hdr(host)", "rdp-cookie", "rdp-cookie(msts)"})
    EXPECT_FALSE(check(good, {}).has_errors()) << good;
  EXPECT_FALSE(check("uri", {"whole", "path-only", "len", "9", "depth", "2"}).has_errors());
  EXPECT_FALSE(check("url_param", {"id", "check_post"}).has_errors());
  EXPECT_FALSE(check("hash", {"src"}).has_errors());
  for (const char* bad : {"source(x)", "url_param", "hdr", "hdr()", "hash"})
    EXPECT_TRUE(check(bad, {}).has_errors()) << bad;
  EXPECT_TRUE(check("uri", {"len", "0"}).has_errors());
  EXPECT_TRUE(check("source", {"more"}).has_errors());
  EXPECT_TRUE(check("hash", {"no_such_fetch"}).has_errors());
}

TEST_F(HashTest, WithoutTheKeyRoundRobin) {
  start("hdr(x-user)", {1, 1, 1});
  EXPECT_EQ(run(6), "123123");
}

}  // namespace
}  // namespace lbd::balance
