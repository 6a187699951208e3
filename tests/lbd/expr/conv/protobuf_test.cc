#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

using ProtobufTest = ExprTest;

// 1: int32 150, 2: { 1: "abc" }, 3: double -2.5, 4: float 3.75, 5: sint32 -2, 6: int64 -1, 7: bool, 8: fixed32.
constexpr std::string_view kMessage =
    "089601"
    "12050a03616263"
    "1900000000000004c0"
    "2500007040"
    "2803"
    "30ffffffffffffffffff01"
    "3801"
    "450a000000";

TEST_F(ProtobufTest, Fields) {
  std::string message = "bin(" + std::string(kMessage) + "),";
  EXPECT_EQ(eval(message + "protobuf(1,int32)"), "int 150");
  EXPECT_EQ(eval(message + "protobuf(1),hex"), "str 9601");
  EXPECT_EQ(eval(message + "protobuf(2.1)"), "bin abc");
  EXPECT_EQ(eval(message + "protobuf(2),protobuf(1)"), "bin abc");
  EXPECT_EQ(eval(message + "protobuf(3,double)"), "int -2");
  EXPECT_EQ(eval(message + "protobuf(4,float)"), "int 3");
  EXPECT_EQ(eval(message + "protobuf(5,sint32)"), "int -2");
  EXPECT_EQ(eval(message + "protobuf(6,int64)"), "int -1");
  EXPECT_EQ(eval(message + "protobuf(7,bool)"), "int 1");
  EXPECT_EQ(eval(message + "protobuf(8,fixed32)"), "int 10");
  EXPECT_EQ(eval(message + "protobuf(9)"), "-");
  EXPECT_EQ(eval(message + "protobuf(1,fixed32)"), "-");
  EXPECT_EQ(eval(message + "protobuf(1.1)"), "-");
  EXPECT_EQ(eval("bin(0a05ab),protobuf(1)"), "-");
  EXPECT_EQ(eval("bin(0b05),protobuf(1)"), "-");
  EXPECT_EQ(eval("bin(00),protobuf(x)").substr(0, 6), "error:");
  EXPECT_EQ(eval("bin(00),protobuf(1,string)").substr(0, 6), "error:");
}

TEST_F(ProtobufTest, Grpc) {
  EXPECT_EQ(eval("bin(0000000003089601),ungrpc(1,int32)"), "int 150");
  EXPECT_EQ(eval("bin(00000000021001"
                 "0000000003089601),ungrpc(1,int32)"),
            "int 150");                                           // in the second message
  EXPECT_EQ(eval("bin(0100000003089601),ungrpc(1,int32)"), "-");  // compressed
  EXPECT_EQ(eval("bin(0000000009089601),ungrpc(1,int32)"), "-");  // cut off
  EXPECT_EQ(eval("bin(00000000),ungrpc(1)"), "-");
}

}  // namespace
}  // namespace lbd::expr
