#include "lbd/dns/answer.h"

#include <gtest/gtest.h>

namespace lbd::dns {
namespace {

Record address(std::string owner, std::string_view ip) {
  return {.type = ip.find(':') == ip.npos ? Type::a : Type::aaaa,
          .owner = std::move(owner),
          .ip = *base::IpAddr::parse(ip),
          .target = {}};
}
Record alias(std::string owner, std::string target) {
  return {.type = Type::cname, .owner = std::move(owner), .ip = {}, .target = std::move(target)};
}
Record service(std::string target, uint16_t port, uint16_t weight) {
  return {.type = Type::srv,
          .owner = "_x._tcp.test",
          .ip = {},
          .target = std::move(target),
          .weight = weight,
          .port = port};
}
Message message(std::vector<Record> answers) {
  Message made;
  made.name = "www.test";
  made.answers = std::move(answers);
  return made;
}
Answer valid(std::vector<Record> records) {
  return {.status = Status::valid, .records = std::move(records), .additional = {}};
}
std::vector<std::string> texts(const RecordSet& set) {
  std::vector<std::string> all;
  for (const Record* record : set.all())
    all.push_back(record->type == Type::srv ? record->target + ":" + std::to_string(record->port)
                                            : record->ip.to_string());
  return all;
}
base::MonoTime at(int seconds) {
  return base::MonoTime(base::Seconds(seconds));
}
using Texts = std::vector<std::string>;

TEST(Answer, FollowsAliasesInAnyOrder) {
  Answer answer = answer_of(message({address("c.test", "127.0.0.1"), alias("b.test", "c.test"),
                                     alias("www.test", "b.test"), address("other.test", "127.0.0.2")}));
  EXPECT_EQ(answer.status, Status::valid);
  ASSERT_EQ(answer.records.size(), 1u);
  EXPECT_EQ(answer.records[0].ip.to_string(), "127.0.0.1");
}

TEST(Answer, ACircleOfAliasesIsNoAnswer) {
  EXPECT_EQ(answer_of(message({alias("www.test", "b.test"), alias("b.test", "www.test")})).status, Status::other);
}

TEST(Answer, WhatIsWrong) {
  Message answer = message({});
  EXPECT_EQ(answer_of(answer).status, Status::other);  // no record
  answer.code = Code::nx_domain;
  EXPECT_EQ(answer_of(answer).status, Status::nx);
  answer.code = Code::refused;
  EXPECT_EQ(answer_of(answer).status, Status::refused);
  answer.code = Code::server_failure;
  EXPECT_EQ(answer_of(answer).status, Status::other);
  Message cut = message({address("www.test", "127.0.0.1")});
  EXPECT_EQ(answer_of(cut).status, Status::valid);
  cut.truncated = true;
  EXPECT_EQ(answer_of(cut).status, Status::other);
}

// As `server-template s 12` of Debian's haproxy takes the addresses 127.0.0.1 to 12, in whatever order they come.
TEST(RecordSet, HasHaproxysOrder) {
  std::vector<Record> records;
  for (int i = 1; i <= 12; ++i) records.push_back(address("www.test", "127.0.0." + std::to_string(i)));
  RecordSet set;
  set.update(valid(records), at(1), base::Seconds(0));
  EXPECT_EQ(texts(set), (Texts{"127.0.0.6", "127.0.0.2", "127.0.0.12", "127.0.0.7", "127.0.0.1", "127.0.0.3",
                               "127.0.0.5", "127.0.0.11", "127.0.0.4", "127.0.0.8", "127.0.0.10", "127.0.0.9"}));
}

TEST(RecordSet, HasHaproxysOrderOfServicesToo) {
  std::vector<Record> records;
  for (char c = 'a'; c <= 'h'; ++c) records.push_back(service(std::string(1, c) + ".test", 80, 1));
  RecordSet set;
  set.update(valid(records), at(1), base::Seconds(0));
  std::string order;
  for (const Record* record : set.all()) order += record->target[0];
  EXPECT_EQ(order, "hdecagfb");
}

TEST(RecordSet, KeepsWhatIsObsoleteForAWhile) {
  RecordSet set;
  set.update(valid({address("www.test", "127.0.0.1")}), at(10), base::Seconds(5));
  set.update(valid({address("www.test", "127.0.0.2")}), at(12), base::Seconds(5));
  EXPECT_EQ(texts(set).size(), 2u);
  set.update(valid({address("www.test", "127.0.0.2")}), at(15), base::Seconds(5));
  EXPECT_EQ(texts(set), Texts{"127.0.0.2"});
  set.update(valid({address("www.test", "127.0.0.3")}), at(16), base::Seconds(0));
  EXPECT_EQ(texts(set), Texts{"127.0.0.3"});
}

TEST(RecordSet, AServiceMayChangeItsWeightButNotItsPort) {
  RecordSet set;
  set.update(valid({service("a.test", 80, 1)}), at(1), base::Seconds(9));
  set.update(valid({service("a.test", 80, 500)}), at(2), base::Seconds(9));
  ASSERT_EQ(set.all().size(), 1u);
  EXPECT_EQ(set.all()[0]->weight, 500);
  set.update(valid({service("a.test", 81, 1)}), at(3), base::Seconds(0));
  EXPECT_EQ(texts(set), Texts{"a.test:81"});
}

}  // namespace
}  // namespace lbd::dns
