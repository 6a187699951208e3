#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

using MqttConverterTest = ExprTest;

TEST_F(MqttConverterTest, Connect) {
  // MQTT 3.1.1, a user and a password, keepalive 60, client "id".
  std::string packet = "bin(101a00044d51545404c2003c00026964000375736500057061737377),";
  EXPECT_EQ(eval(packet + "mqtt_is_valid"), "bool 1");
  EXPECT_EQ(eval(packet + "mqtt_field_value(connect,username)"), "str use");
  EXPECT_EQ(eval(packet + "mqtt_field_value(1,password)"), "str passw");
  EXPECT_EQ(eval(packet + "mqtt_field_value(CONNECT,client_identifier)"), "str id");
  EXPECT_EQ(eval(packet + "mqtt_field_value(connect,keepalive)"), "str 60");
  EXPECT_EQ(eval(packet + "mqtt_field_value(connect,protocol_version)"), "str 4");
  EXPECT_EQ(eval(packet + "mqtt_field_value(connect,will_topic)"), "-");
  EXPECT_EQ(eval(packet + "mqtt_field_value(connack,flags)"), "-");
  EXPECT_EQ(eval(packet + "mqtt_field_value(connect,17)"), "-");
  EXPECT_EQ(eval("bin(1000),mqtt_is_valid"), "bool 0");
  EXPECT_EQ(eval("bin(101a0004),mqtt_is_valid"), "-");
  EXPECT_EQ(eval("bin(10),mqtt_is_valid"), "-");
}

TEST_F(MqttConverterTest, Connack) {
  std::string packet = "bin(20080100051100000e10),";
  EXPECT_EQ(eval(packet + "mqtt_field_value(connack,17)"), "str 3600");
  EXPECT_EQ(eval(packet + "mqtt_field_value(2,reason_code)"), "str 0");
  EXPECT_EQ(eval(packet + "mqtt_field_value(connack,protocol_version)"), "str 5");
}

TEST_F(MqttConverterTest, WhatIsWrongIsSaid) {
  EXPECT_EQ(eval("bin(00),mqtt_field_value(publish,x)"),
            "error: converter 'mqtt_field_value': the packet is connect or connack");
  EXPECT_EQ(eval("bin(00),mqtt_field_value(connect,reason_code)"),
            "error: converter 'mqtt_field_value': the packet has no field or property 'reason_code'");
}

}  // namespace
}  // namespace lbd::expr
