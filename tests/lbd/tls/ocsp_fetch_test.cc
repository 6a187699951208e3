#include "lbd/tls/ocsp_fetch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lbd::tls {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(HttpUriTest, Parts) {
  auto uri = HttpUri::parse("http://ocsp.example");
  ASSERT_TRUE(uri);
  EXPECT_EQ(uri->host, "ocsp.example");
  EXPECT_EQ(uri->port, 80);
  EXPECT_EQ(uri->path, "/");
  uri = HttpUri::parse("HTTP://[2001:db8::1]:8080/a/b");
  ASSERT_TRUE(uri);
  EXPECT_EQ(uri->host, "2001:db8::1");
  EXPECT_EQ(uri->port, 8080);
  EXPECT_EQ(uri->path, "/a/b");
  EXPECT_EQ(HttpUri::parse("http://[::1]/")->port, 80);
}

TEST(HttpUriTest, WhatIsNone) {
  for (const char* text : {"", "ocsp.example", "https://ocsp.example/", "http://", "http:///a", "http://a:x/",
                           "http://a:0/", "http://a:65536/", "ldap://a"})
    EXPECT_FALSE(HttpUri::parse(text)) << text;
}

TEST(HttpRequestTest, ShortOnesAreAskedByGet) {
  const HttpUri uri{.host = "ocsp.example", .path = "/x"};
  EXPECT_EQ(http_request(uri, "\xff\xfe", false), "GET /x/%2F%2F4%3D HTTP/1.0\r\nHost: ocsp.example\r\n\r\n");
  EXPECT_THAT(http_request({.host = "::1", .port = 81}, "a", true),
              StartsWith("GET http://[::1]:81/YQ%3D%3D HTTP/1.0\r\nHost: [::1]:81\r\n"));
}

TEST(HttpRequestTest, LongOnesByPost) {
  const std::string der(200, 'x');
  const std::string request = http_request({.host = "a"}, der, false);
  EXPECT_THAT(request, StartsWith("POST / HTTP/1.0\r\nHost: a\r\nContent-Type: application/ocsp-request\r\n"));
  EXPECT_THAT(request, HasSubstr("Content-Length: 200\r\n\r\n" + der));
}

TEST(HttpAnswerTest, ABody) {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: application/ocsp-response\r\n";
  EXPECT_EQ(*read_http_answer(head + "\r\nabc"), "abc");
  EXPECT_EQ(*read_http_answer(head + "content-length: 2\r\n\r\nabc"), "ab");
}

TEST(HttpAnswerTest, WhatIsWrong) {
  auto wrong = [](const std::string& bytes) {
    auto answer = read_http_answer(bytes);
    return answer ? "right" : answer.error().text;
  };
  EXPECT_EQ(wrong(""), "not an HTTP answer");
  EXPECT_EQ(wrong("SSH-2.0\r\n\r\n"), "not an HTTP answer");
  EXPECT_EQ(wrong("HTTP/1.1\r\n\r\n"), "not an HTTP answer");
  EXPECT_EQ(wrong("HTTP/1.1 404 No\r\n\r\n"), "HTTP status 404");
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: application/ocsp-response\r\n";
  EXPECT_EQ(wrong(head + "Content-Length: 4\r\n\r\nabc"), "the HTTP answer is cut short");
  EXPECT_EQ(wrong(head + "Content-Length: -1\r\n\r\nabc"), "the HTTP answer is cut short");
  auto untyped = read_http_answer("HTTP/1.1 200 OK\r\n\r\nabc");
  ASSERT_FALSE(untyped);
  EXPECT_EQ(untyped.error().code, base::Code::unsupported);
}

TEST(OcspRequestTest, OfADamagedIdThereIsNone) {
  EXPECT_EQ(ocsp_request(""), "");
  EXPECT_EQ(ocsp_request("x"), "");
}

TEST(AddressBookTest, RemembersWhatItFound) {
  AddressBook book;
  const auto found = book.find("127.0.0.1", 81);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].to_string(), "127.0.0.1:81");
  EXPECT_TRUE(book.find("no such host", 81).empty());
}

}  // namespace
}  // namespace lbd::tls
