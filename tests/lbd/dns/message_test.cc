#include "lbd/dns/message.h"

#include <gtest/gtest.h>

namespace lbd::dns {
namespace {

std::string bytes(std::initializer_list<int> list) {
  std::string text;
  for (int byte : list) text += static_cast<char>(byte);
  return text;
}

// The question www.test of a type, as the head of an answer with so many records.
std::string answer_head(int code, int answers, int additional = 0, int type = 1) {
  return bytes({0x12, 0x34, 0x81, 0x80 | code, 0, 1, 0, answers, 0, 0, 0, additional}) + "\3www\4TEST" + '\0' +
         bytes({0, type, 0, 1});
}
// From offset 12 on stands the name of the question.
const std::string kSameName = bytes({0xc0, 12});

TEST(Message, QuestionsHaveTheirNameTypeAndSize) {
  EXPECT_EQ(encode_query(0x1234, "www.test", Type::a, 512),
            bytes({0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0}) + "\3www\4test" + '\0' + bytes({0, 1, 0, 1}));
  EXPECT_EQ(encode_query(1, "a.b", Type::srv, 4096), bytes({0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1}) + "\1a\1b" + '\0' +
                                                         bytes({0, 33, 0, 1}) +
                                                         bytes({0, 0, 41, 0x10, 0, 0, 0, 0, 0, 0, 0}));
}

TEST(Message, NamesAreMadeAlike) {
  EXPECT_EQ(*canonical_name("WWW.Example.COM."), "www.example.com");
  EXPECT_FALSE(canonical_name(""));
  EXPECT_FALSE(canonical_name("a..b"));
  EXPECT_FALSE(canonical_name(std::string(64, 'a') + ".test"));
  EXPECT_FALSE(canonical_name("a b"));
  EXPECT_TRUE(canonical_name("_http._tcp.test"));
}

TEST(Message, AddressesOfAnAnswer) {
  auto message = decode_response(answer_head(0, 2) + kSameName + bytes({0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 192, 0, 2, 7}) +
                                 kSameName + bytes({0, 28, 0, 1, 0, 0, 0, 9, 0, 16}) + std::string(15, '\0') + "\1");
  ASSERT_TRUE(message) << message.error().text;
  EXPECT_EQ(message->id, 0x1234);
  EXPECT_EQ(message->name, "www.test");
  EXPECT_EQ(message->code, Code::no_error);
  ASSERT_EQ(message->answers.size(), 2u);
  EXPECT_EQ(message->answers[0].owner, "www.test");
  EXPECT_EQ(message->answers[0].ip.to_string(), "192.0.2.7");
  EXPECT_EQ(message->answers[1].ip.to_string(), "::1");
}

TEST(Message, ServicesHavePortsAndNames) {
  auto message = decode_response(answer_head(0, 1, 1, 33) + kSameName + bytes({0, 33, 0, 1, 0, 0, 0, 9, 0, 10}) +
                                 bytes({0, 10, 1, 0, 0x1f, 0x90}) + "\1A" + kSameName + "\1a" + kSameName +
                                 bytes({0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 127, 0, 0, 3}));
  ASSERT_TRUE(message) << message.error().text;
  ASSERT_EQ(message->answers.size(), 1u);
  const Record& record = message->answers[0];
  EXPECT_EQ(record.target, "a.www.test");
  EXPECT_EQ(record.priority, 10);
  EXPECT_EQ(record.weight, 256);
  EXPECT_EQ(record.port, 8080);
  ASSERT_EQ(message->additional.size(), 1u);
  EXPECT_EQ(message->additional[0].owner, "a.www.test");
}

TEST(Message, OtherRecordsAreLeftOut) {
  auto message = decode_response(answer_head(3, 1) + kSameName + bytes({0, 16, 0, 1, 0, 0, 0, 9, 0, 2, 1, 'x'}));
  ASSERT_TRUE(message);
  EXPECT_EQ(message->code, Code::nx_domain);
  EXPECT_TRUE(message->answers.empty());
}

TEST(Message, WhatIsNoAnswer) {
  EXPECT_FALSE(decode_response(""));
  EXPECT_FALSE(decode_response(encode_query(1, "www.test", Type::a, 512)));  // a question
  EXPECT_FALSE(decode_response(answer_head(0, 1)));                          // a record is missing
  EXPECT_FALSE(decode_response(answer_head(0, 1) + kSameName + bytes({0, 1, 0, 1, 0, 0, 0, 9, 0, 9, 1, 2, 3, 4})));
  // A record whose name is longer than it says.
  EXPECT_FALSE(decode_response(answer_head(0, 1) + kSameName + bytes({0, 5, 0, 1, 0, 0, 0, 9, 0, 1}) + kSameName));
  // What was truncated may end anywhere.
  std::string cut = answer_head(0, 1);
  cut[2] = static_cast<char>(0x83);
  auto message = decode_response(cut);
  ASSERT_TRUE(message);
  EXPECT_TRUE(message->truncated);
}

TEST(Message, PointersOnlyGoBack) {
  const std::string to_itself = bytes({0xc0, 26});
  EXPECT_EQ(answer_head(0, 1).size(), 26u);
  EXPECT_FALSE(decode_response(answer_head(0, 1) + to_itself + bytes({0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 1, 2, 3, 4})));
  const std::string ahead = bytes({0xc0, 40});
  EXPECT_FALSE(decode_response(answer_head(0, 1) + ahead + bytes({0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 1, 2, 3, 4, 0, 0})));
}

}  // namespace
}  // namespace lbd::dns
