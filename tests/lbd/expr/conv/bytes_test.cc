#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

using BytesTest = ExprTest;

TEST_F(BytesTest, Parts) {
  EXPECT_EQ(eval("str(abcdef),bytes(2)"), "bin cdef");
  EXPECT_EQ(eval("str(abcdef),bytes(2,3)"), "bin cde");
  EXPECT_EQ(eval("str(abcdef),bytes(2,100)"), "bin cdef");
  EXPECT_EQ(eval("str(abcdef),bytes(2,0)"), "bin ");
  EXPECT_EQ(eval("str(abcdef),bytes(2,-1)"), "bin cdef");
  EXPECT_EQ(eval("str(abcdef),bytes(6)"), "bin ");
  EXPECT_EQ(eval("str(abcdef),bytes(-1)"), "bin ");
  t_->vars.set(*parse_var_name("txn.n"), Value::of_int(4), &arena_);
  EXPECT_EQ(eval("str(abcdef),bytes(txn.n)"), "bin ef");
  EXPECT_EQ(eval("str(abcdef),bytes(0,txn.n)"), "bin abcd");
  EXPECT_EQ(eval("str(abcdef),bytes(txn.none)"), "-");
}

TEST_F(BytesTest, Hexadecimal) {
  EXPECT_EQ(eval("bin(00ff1a),hex"), "str 00FF1A");
  EXPECT_EQ(eval("str(ff),hex2i"), "int 255");
  EXPECT_EQ(eval("str(0FF),hex2i"), "int 255");
  EXPECT_EQ(eval("str(ffffffffffffffffff),hex2i"), "int -1");
  EXPECT_EQ(eval("str(0xff),hex2i"), "-");
  EXPECT_EQ(eval("bin(01020304050607),be2hex"), "str 01020304050607");
  EXPECT_EQ(eval("bin(01020304050607),be2hex(:,2)"), "str 0102:0304:0506:07");
  EXPECT_EQ(eval("bin(01020304050607),be2hex(--,2,1)"), "str 0102--0304--0506");
  EXPECT_EQ(eval("bin(0102030405060708),be2hex(,3,1)"), "str 010203040506");
  EXPECT_EQ(eval("bin(01),be2hex(:)"), "error: converter 'be2hex': the chunk size is positive");
}

TEST_F(BytesTest, Decimal) {
  EXPECT_EQ(eval("bin(01020304050607),be2dec(:,2)"), "str 258:772:1286:7");
  EXPECT_EQ(eval("bin(01020304050607),be2dec(-,2,1)"), "str 258-772-1286");
  EXPECT_EQ(eval("bin(7f000001),be2dec(.,1)"), "str 127.0.0.1");
  EXPECT_EQ(eval("bin(ffffffffffffffff),be2dec(,8)"), "str 18446744073709551615");
  EXPECT_EQ(eval("bin(01),be2dec(.,9)"), "error: converter 'be2dec': the chunk size is 1 to 8");
  EXPECT_EQ(eval("int(258),htonl,hex"), "str 00000102");
  EXPECT_EQ(eval("int(-1),htonl,hex"), "str FFFFFFFF");
}

TEST_F(BytesTest, Base64) {
  EXPECT_EQ(eval("str(a),base64"), "str YQ==");
  EXPECT_EQ(eval("str(YQ==),b64dec"), "bin a");
  EXPECT_EQ(eval("str(YQ),b64dec"), "-");
  EXPECT_EQ(eval("str(ab?>),ub64enc"), "str YWI_Pg");
  EXPECT_EQ(eval("str(YWI_Pg),ub64dec"), "bin ab?>");
  EXPECT_EQ(eval("str(Y),ub64dec"), "-");
}

}  // namespace
}  // namespace lbd::expr
