#include "lbd/explain/question.h"

#include <gtest/gtest.h>

namespace lbd::explain {
namespace {

Question parsed(std::string_view text) {
  auto question = parse_question(text);
  EXPECT_TRUE(question) << question.error().text;
  return question ? *question : Question();
}

std::string refused(std::string_view text) {
  auto question = parse_question(text);
  return question ? "taken" : question.error().text;
}

TEST(Question, UrlGivesHostAndTarget) {
  Question q = parsed("GET https://www.example.com:8443/a?b=c\nX-One: 1\n");
  EXPECT_TRUE(q.tls());
  EXPECT_EQ(q.port(), 8443);
  EXPECT_EQ(q.request(), "GET /a?b=c HTTP/1.1\r\nHost: www.example.com:8443\r\nX-One: 1\r\n\r\n");
}

TEST(Question, PathAlone) {
  Question q = parsed("HEAD /x");
  EXPECT_EQ(q.port(), 80);
  EXPECT_EQ(q.request(), "HEAD /x HTTP/1.1\r\n\r\n");
}

TEST(Question, OwnHostFieldWins) {
  EXPECT_EQ(parsed("GET http://a\nhost: b").request(), "GET / HTTP/1.1\r\nhost: b\r\n\r\n");
}

TEST(Question, Places) {
  Question q = parsed("GET / src=10.0.0.1:99 dst=[2001:db8::1]:80 frontend=www");
  EXPECT_EQ(q.src.to_string(), "10.0.0.1:99");
  EXPECT_EQ(q.dst.port, 80);
  EXPECT_EQ(q.dst.ip, *base::IpAddr::parse("2001:db8::1"));
  EXPECT_EQ(q.frontend, "www");
  EXPECT_EQ(parsed("GET https://x/ dst=192.0.2.9").dst.to_string(), "192.0.2.9:443");
}

TEST(Question, Response) {
  EXPECT_EQ(parsed("GET /").answer(), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(parsed("GET /\n< HTTP/1.1 404 Not Found\n< A: b").answer(),
            "HTTP/1.1 404 Not Found\r\nA: b\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(parsed("GET /\n< A: b").answer(), "HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 0\r\n\r\n");
}

TEST(Question, WhatIsWrongIsSaid) {
  EXPECT_NE(refused("").find("a method and a URL"), std::string::npos);
  EXPECT_NE(refused("GET").find("a method and a URL"), std::string::npos);
  EXPECT_NE(refused("GET / src=nobody").find("src=nobody"), std::string::npos);
  EXPECT_NE(refused("GET / colour=red").find("colour=red"), std::string::npos);
  EXPECT_NE(refused("GET /\nno field").find("'no field'"), std::string::npos);
}

}  // namespace
}  // namespace lbd::explain
