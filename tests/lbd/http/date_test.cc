#include "lbd/http/date.h"

#include <gtest/gtest.h>

#include <string>

namespace lbd::http {
namespace {

std::string print(int64_t seconds) {
  char text[kDateSize];
  char* end = print_date(seconds, text);
  return std::string(text, end);
}

TEST(Date, Prints) {
  EXPECT_EQ(print(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(print(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(print(951782400), "Tue, 29 Feb 2000 00:00:00 GMT");
  EXPECT_EQ(print(253402300799), "Fri, 31 Dec 9999 23:59:59 GMT");
  EXPECT_EQ(print(-1), "Wed, 31 Dec 1969 23:59:59 GMT");
}

TEST(Date, ParsesTheThreeFormats) {
  EXPECT_EQ(parse_date("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777);
  EXPECT_EQ(parse_date("Sunday, 06-Nov-94 08:49:37 GMT"), 784111777);
  EXPECT_EQ(parse_date("Sun Nov  6 08:49:37 1994"), 784111777);
  EXPECT_EQ(parse_date("Sunday, 06-Nov-24 08:49:37 GMT"), 1730882977);
}

TEST(Date, RefusesOthers) {
  for (std::string_view bad : {"", "0", "Sun", "Sun,", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 GMT ",
                               "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
                               "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 06 anF 1994 08:49:37 GMT", "Sun Nov 6"})
    EXPECT_FALSE(parse_date(bad)) << bad;
}

}  // namespace
}  // namespace lbd::http
