#include "lbd/expr/value.h"

#include <gtest/gtest.h>

#include <string>

namespace lbd::expr {
namespace {

class ValueTest : public testing::Test {
 protected:
  std::string as(Value value, Type to) {
    EXPECT_EQ(castable(value.type, to) || !cast(value, to, arena_), true);
    if (!cast(value, to, arena_)) return "none";
    char room[kMaxScalarText];
    return std::string(name_of(value.type)) + " " + std::string(to_text(value, room));
  }
  static Value ip(const char* text) { return Value::of_ip(*base::IpAddr::parse(text)); }
  base::BlockPool pool_{4096, 1};
  base::Arena arena_{pool_};
};

TEST_F(ValueTest, FromText) {
  EXPECT_EQ(as(Value::of_text("12ab"), Type::integer), "sint 12");
  EXPECT_EQ(as(Value::of_text("x"), Type::integer), "sint 0");
  EXPECT_EQ(as(Value::of_text("192.0.2.1"), Type::address), "ipv4 192.0.2.1");
  EXPECT_EQ(as(Value::of_text("::1"), Type::address), "ipv6 ::1");
  EXPECT_EQ(as(Value::of_text("x"), Type::address), "none");
  EXPECT_EQ(as(Value::of_text("GET"), Type::method), "meth GET");
  EXPECT_EQ(as(Value::of_text("ab"), Type::binary), "bin ab");
  EXPECT_EQ(as(Value::of_text(std::string_view("a\0b", 3), Type::binary), Type::string), "str a");
  EXPECT_EQ(as(Value::of_text("ab", Type::binary), Type::integer), "none");
}

TEST_F(ValueTest, FromNumbersAndTruths) {
  EXPECT_EQ(as(Value::of_int(-5), Type::string), "str -5");
  EXPECT_EQ(as(Value::of_int(-5), Type::boolean), "bool 1");
  EXPECT_EQ(as(Value::of_bool(true), Type::integer), "sint 1");
  EXPECT_EQ(as(Value::of_bool(true), Type::string), "str 1");
  EXPECT_EQ(as(Value::of_int(0x01020304), Type::ipv4), "ipv4 1.2.3.4");
  EXPECT_EQ(as(Value::of_int(0x01020304), Type::ipv6), "ipv6 ::ffff:1.2.3.4");
  EXPECT_EQ(as(Value::of_int(258), Type::binary), std::string("bin \0\0\0\0\0\0\1\2", 12));
  EXPECT_EQ(as(Value::of_bool(true), Type::address), "none");
}

TEST_F(ValueTest, FromAddresses) {
  EXPECT_EQ(as(ip("192.0.2.1"), Type::string), "str 192.0.2.1");
  EXPECT_EQ(as(ip("0.0.1.0"), Type::integer), "sint 256");
  EXPECT_EQ(as(ip("192.0.2.1"), Type::ipv6), "ipv6 ::ffff:192.0.2.1");
  EXPECT_EQ(as(ip("::ffff:192.0.2.1"), Type::ipv4), "ipv4 192.0.2.1");
  EXPECT_EQ(as(ip("2002:c000:201::"), Type::ipv4), "ipv4 192.0.2.1");
  EXPECT_EQ(as(ip("2001:db8::1"), Type::ipv4), "none");
  EXPECT_EQ(as(ip("2001:db8::1"), Type::address), "ipv6 2001:db8::1");
  EXPECT_EQ(as(ip("1.2.3.4"), Type::binary), "bin \1\2\3\4");
  EXPECT_EQ(as(ip("::1"), Type::integer), "none");
}

TEST_F(ValueTest, LeadingInt) {
  EXPECT_EQ(leading_int(""), 0);
  EXPECT_EQ(leading_int("-"), 0);
  EXPECT_EQ(leading_int("+7x"), 7);
  EXPECT_EQ(leading_int("-7"), -7);
  EXPECT_EQ(leading_int("9223372036854775807"), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(leading_int("9223372036854775808"), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(leading_int("-9223372036854775808"), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(leading_int("-9223372036854775809"), std::numeric_limits<int64_t>::min());
}

}  // namespace
}  // namespace lbd::expr
