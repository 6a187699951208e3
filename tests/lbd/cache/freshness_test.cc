// What Debian's haproxy keeps was tried for each of these (tests/peers/cache_cases.py).
#include "lbd/cache/freshness.h"

#include "tests/lbd/cache/fixture.h"

namespace lbd::cache {
namespace {

using base::Seconds;
using http::Method;

class Freshness : public CacheTest {
 protected:
  // -1: not kept.
  long left(Fields fields, bool shared = false, Seconds most = Seconds(100)) {
    const auto lifetime = lifetime_of(response(fields), most, shared, base::WallTime(std::chrono::seconds(1700000000)));
    return lifetime ? static_cast<long>(lifetime->left.count()) : -1;
  }
};

TEST_F(Freshness, WhatRequestsPermit) {
  EXPECT_TRUE(terms_of(request()).use && terms_of(request()).store);
  const RequestTerms head = terms_of(request({}, Method::head));
  EXPECT_TRUE(head.use && !head.store && !head.invalidates);
  for (Method method : {Method::post, Method::put, Method::delete_, Method::patch, Method::other}) {
    const RequestTerms terms = terms_of(request({}, method));
    EXPECT_TRUE(!terms.use && !terms.store && terms.invalidates);
  }
  EXPECT_FALSE(terms_of(request({}, Method::options)).invalidates);
  for (const char* anew : {"no-cache", "max-age=0", "x, No-Cache"}) {
    const RequestTerms terms = terms_of(request({{"cache-control", anew}}));
    EXPECT_TRUE(!terms.use && terms.store) << anew;
  }
  EXPECT_FALSE(terms_of(request({{"pragma", "no-cache"}})).use);
  EXPECT_TRUE(terms_of(request({{"pragma", "no-cache"}, {"cache-control", "max-age=5"}})).use);
  const RequestTerms unstored = terms_of(request({{"cache-control", "no-store"}}));
  EXPECT_TRUE(unstored.use && !unstored.store);
  const RequestTerms secret = terms_of(request({{"authorization", "Basic eDp5"}}));
  EXPECT_TRUE(!secret.use && secret.store && secret.only_if_shared);
  http::Head old = request();
  old.version = http::Version::http_1_0;
  EXPECT_FALSE(terms_of(old).use || terms_of(old).store);
}

TEST_F(Freshness, HowLongAnswersAreGood) {
  EXPECT_EQ(left({{"cache-control", "max-age=60"}}), 60);
  EXPECT_EQ(left({{"cache-control", "max-age=600"}}), 100) << "the cache's own limit";
  EXPECT_EQ(left({{"cache-control", "max-age=99999999999999999999"}}), 100);
  EXPECT_EQ(left({{"cache-control", "max-age=60, s-maxage=20"}}), 20);
  EXPECT_EQ(left({{"cache-control", "max-age=60, s-maxage=0"}}), -1);
  EXPECT_EQ(left({{"cache-control", "max-age=\"60\""}}), 60);
  EXPECT_EQ(left({{"cache-control", "public"}, {"cache-control", "MAX-AGE=60"}}), 60);
  EXPECT_EQ(left({{"cache-control", "max-age=abc"}, {"etag", "\"e\""}}), -1);
  EXPECT_EQ(left({{"etag", "\"e\""}}), 100);
  EXPECT_EQ(left({{"last-modified", "Sat, 01 Jan 2022 00:00:00 GMT"}}), 100);
  EXPECT_EQ(left({{"cache-control", "public"}}), -1) << "nothing says how long";
  EXPECT_EQ(left({{"expires", "Tue, 14 Nov 2023 22:13:30 GMT"}}), 10);
  EXPECT_EQ(left({{"expires", "Tue, 14 Nov 2023 22:13:20 GMT"}, {"etag", "\"e\""}}), -1);
  EXPECT_EQ(left({{"expires", "0"}, {"etag", "\"e\""}}), -1);
  EXPECT_EQ(left({{"expires", "0"}, {"cache-control", "max-age=5"}}), 5);
}

TEST_F(Freshness, WhatMustNotBeKept) {
  for (const char* word : {"no-store", "no-cache", "private", "no-cache=\"set-cookie\""})
    EXPECT_EQ(left({{"cache-control", word}, {"cache-control", "max-age=60"}}), -1) << word;
  EXPECT_EQ(left({{"cache-control", "private=\"x\", max-age=60"}}), 60);
  EXPECT_EQ(left({{"pragma", "no-cache"}, {"cache-control", "max-age=60"}}), -1);
  EXPECT_EQ(left({{"cache-control", "max-age=60"}}, true), -1) << "the request had credentials";
  EXPECT_EQ(left({{"cache-control", "max-age=60, public"}}, true), 60);
  EXPECT_EQ(left({{"cache-control", "s-maxage=60"}}, true), 60);
  EXPECT_EQ(left({{"cache-control", "max-age=60"}}, false, Seconds(0)), -1);
  http::Head other = response();
  other.status = 404;
  EXPECT_FALSE(lifetime_of(other, Seconds(60), false, base::WallTime()));
}

TEST_F(Freshness, AgeCounts) {
  EXPECT_EQ(left({{"cache-control", "max-age=60"}, {"age", "10"}}), 50);
  EXPECT_EQ(left({{"cache-control", "max-age=60"}, {"age", "60"}}), -1);
  EXPECT_EQ(left({{"cache-control", "max-age=60"}, {"age", "x"}}), -1);
  EXPECT_EQ(left({{"cache-control", "max-age=60"}, {"age", "-1"}}), -1);
}

}  // namespace
}  // namespace lbd::cache
