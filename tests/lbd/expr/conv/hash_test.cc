#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

using HashTest = ExprTest;

// Figures of HAProxy 2.6.
TEST_F(HashTest, Short) {
  EXPECT_EQ(eval("str(abc),crc32"), "int 891568578");
  EXPECT_EQ(eval("str(abc),crc32(1)"), "int 930845320");
  EXPECT_EQ(eval("str(abc),crc32c"), "int 910901175");
  EXPECT_EQ(eval("str(abc),djb2"), "int 193485963");
  EXPECT_EQ(eval("str(abc),sdbm"), "int 807794786");
  EXPECT_EQ(eval("str(abc),wt6,length"), eval("str(abc),wt6(0),length"));
  EXPECT_EQ(eval("str(abc),xxh32"), "int 852579327");
  EXPECT_EQ(eval("str(abc),xxh32(1)"), "int 2856167679");
  EXPECT_EQ(eval("str(abc),xxh64"), "int 4952883123889572249");
  EXPECT_EQ(eval("str(abc),xxh3"), "int 8696274497037089104");
  EXPECT_NE(eval("str(abc),xxh3(1)"), eval("str(abc),xxh3"));
}

TEST_F(HashTest, Digests) {
  EXPECT_EQ(eval("str(abc),sha1,hex"), "str A9993E364706816ABA3E25717850C26C9CD0D89D");
  EXPECT_EQ(eval("str(abc),sha2(224),bytes(0,4),hex"), "str 23097D22");
  EXPECT_EQ(eval("str(abc),sha2,hex"), eval("str(abc),digest(sha256),hex"));
  EXPECT_EQ(eval("str(abc),sha2(512),length"), eval("str(abc),digest(SHA512),length"));
  EXPECT_EQ(eval("str(abc),digest(md5),hex"), "str 900150983CD24FB0D6963F7D28E17F72");
  EXPECT_EQ(eval("str(abc),sha2(100)").substr(0, 6), "error:");
  EXPECT_EQ(eval("str(abc),digest(nonsense)"), "error: converter 'digest': OpenSSL knows no digest 'nonsense'");
}

TEST_F(HashTest, Hmac) {
  EXPECT_EQ(eval("str(abc),hmac(sha1,a2V5),hex"), "str 4FD0B215276EF12F2B3E4C8ECAC2811498B656FC");
  t_->vars.set(*parse_var_name("txn.k"), Value::of_text("a2V5"), &arena_);
  EXPECT_EQ(eval("str(abc),hmac(sha1,txn.k),hex"), eval("str(abc),hmac(sha1,a2V5),hex"));
  EXPECT_EQ(eval("str(abc),hmac(sha1,txn.none)"), "-");
  EXPECT_EQ(eval("str(abc),hmac(sha1,k!)"), "error: converter 'hmac': 'k!' is neither base64 nor a variable");
}

}  // namespace
}  // namespace lbd::expr
