#include "lbd/cache/variant.h"

#include "tests/lbd/cache/fixture.h"

namespace lbd::cache {
namespace {

class VariantTest : public CacheTest {
 protected:
  Wanted by(Fields fields) { return wanted_by(request(fields)); }
  Variant of(Fields fields, const Wanted& wanted = {}) { return variant_of(response(fields), wanted).value(); }
};

TEST_F(VariantTest, AcceptableEncodings) {
  EXPECT_TRUE(accepts({}, "br")) << "nothing said: anything will do";
  EXPECT_TRUE(accepts("gzip", "gzip") && accepts("GZIP", "gzip") && accepts("x-gzip", "gzip"));
  EXPECT_TRUE(accepts("br;q=0.5, gzip", "br"));
  EXPECT_FALSE(accepts("gzip", "br"));
  EXPECT_FALSE(accepts("gzip;q=0", "gzip") || accepts("gzip; q=0.000, *", "gzip"));
  EXPECT_TRUE(accepts("*", "br") && accepts("gzip;q=0, *", "br"));
  EXPECT_FALSE(accepts("*;q=0", "br") || accepts("*;q=0", "identity"));
  EXPECT_TRUE(accepts("gzip", "identity") && accepts("", "identity") && accepts("*;q=0, identity", "identity"));
  EXPECT_FALSE(accepts("identity;q=0", "identity"));
  EXPECT_FALSE(accepts("", "gzip"));
  EXPECT_TRUE(accepts("gzip;q=x", "gzip") && accepts("gzip;level=0", "gzip") && accepts("gzip;q=0.1", "gzip"));
}

TEST_F(VariantTest, WhatSuits) {
  const Variant gzip = of({{"vary", "Accept-Encoding"}, {"content-encoding", "gzip"}});
  EXPECT_TRUE(gzip.suits(by({{"accept-encoding", "br"}, {"accept-encoding", "gzip"}})));
  EXPECT_FALSE(gzip.suits(by({{"accept-encoding", "br"}})));
  const Variant both = of({{"vary", "accept-encoding"}, {"content-encoding", "gzip, br"}});
  EXPECT_TRUE(both.suits(by({{"accept-encoding", "br, gzip"}})));
  EXPECT_FALSE(both.suits(by({{"accept-encoding", "gzip"}})));
  const Variant one = of({{"vary", "Referer"}}, by({{"referer", "x"}}));
  EXPECT_TRUE(one.suits(by({{"referer", "x"}})));
  EXPECT_FALSE(one.suits(by({{"referer", "y"}})) || one.suits(by({})));
  EXPECT_TRUE(of({}).suits(by({{"accept-encoding", "gzip"}, {"referer", "x"}})));
}

TEST_F(VariantTest, OthersAreNotManaged) {
  EXPECT_FALSE(variant_of(response({{"vary", "*"}}), {}));
  EXPECT_FALSE(variant_of(response({{"vary", "Accept-Encoding, Accept-Language"}}), {}));
  EXPECT_FALSE(variant_of(response({{"vary", "Accept-Encoding"}, {"vary", "x"}}), {}));
  EXPECT_TRUE(variant_of(response({{"vary", "Referer"}, {"vary", "accept-encoding"}}), {}));
}

}  // namespace
}  // namespace lbd::cache
