#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

using TimeTest = ExprTest;

TEST_F(TimeTest, HttpDates) {
  EXPECT_EQ(eval("int(1262304000),http_date"), "str Fri, 01 Jan 2010 00:00:00 GMT");
  EXPECT_EQ(eval("int(1262304000),http_date(60)"), "str Fri, 01 Jan 2010 00:01:00 GMT");
  EXPECT_EQ(eval("int(1262304000123),http_date(0,ms)"), "str Fri, 01 Jan 2010 00:00:00.123 GMT");
  EXPECT_EQ(eval("int(1262304000000005),http_date(1000000,us)"), "str Fri, 01 Jan 2010 00:00:01.000005 GMT");
  EXPECT_EQ(eval("int(-5),http_date"), "str Wed, 31 Dec 1969 23:59:55 GMT");
  EXPECT_EQ(eval("int(-1),http_date(0,ms)"), "str Wed, 31 Dec 1969 23:59:59.999 GMT");
  EXPECT_EQ(eval("int(9223372036854775807),http_date(5)"), "-");
  EXPECT_EQ(eval("int(1),http_date(0,x)"), "error: converter 'http_date': the unit must be s, ms or us");
}

TEST_F(TimeTest, Formats) {
  EXPECT_EQ(eval("int(1262304000),utime(%Y-%m-%d)"), "str 2010-01-01");
  EXPECT_EQ(eval("int(1262304000),utime(%T%z,3600)"), "str 01:00:00+0000");
  EXPECT_EQ(eval("int(1262304000),utime(x)"), "str x");
  EXPECT_EQ(eval("int(1262304000),utime()"), "str ");
  EXPECT_EQ(eval("int(1262347200),ltime(%Y)"), "str 2010");
  EXPECT_EQ(eval("int(9223372036854775807),utime(%Y)"), "-");
}

TEST_F(TimeTest, Fractions) {
  EXPECT_EQ(eval("int(1262304000123),ms_utime(%T.%3N)"), "str 00:00:00.123");
  EXPECT_EQ(eval("int(1262304000123),ms_utime(%T.%N,1)"), "str 00:00:00.124000000");
  EXPECT_EQ(eval("int(1262304000123456),us_utime(%S.%6N%%6N)"), "str 00.123456%6N");
  EXPECT_EQ(eval("int(-1),us_utime(%S.%6N)"), "str 59.999999");
  EXPECT_EQ(eval("int(1262347200123),ms_ltime(%Y.%1N)"), "str 2010.1");
  EXPECT_EQ(eval("int(1262347200123456),us_ltime(%Y.%2N)"), "str 2010.12");
}

}  // namespace
}  // namespace lbd::expr
