#include "lbd/http/h1_writer.h"

#include <gtest/gtest.h>

#include <string>

#include "lbd/http/h1_parser.h"

namespace lbd::http {
namespace {

class H1Writer : public testing::Test {
 protected:
  Head& parse(std::string_view text) {
    bytes_ = text;
    Parsed parsed = bytes_.starts_with("HTTP/") ? H1Parser().parse_response(bytes_, head_, {}, false, false)
                                                : H1Parser().parse_request(bytes_, head_, {});
    EXPECT_EQ(parsed.state, Parsed::State::complete);
    return head_;
  }
  base::BlockPool pool_{4096, 4};
  base::Arena arena_{pool_};
  Head head_{arena_};
  std::string bytes_;
};

constexpr std::string_view kRequest =
    "GET /a HTTP/1.1\r\nHost: h\r\nAccept: */*\r\nCookie: a=b\r\nConnection: close\r\nX: y\r\n\r\n";

TEST_F(H1Writer, AddsExtraFieldsBehindTheOthers) {
  const Field extra[] = {{"x-forwarded-for", "192.0.2.1"}, {"connection", "close"}};
  EXPECT_EQ(write_request(parse("GET /a HTTP/1.1\r\nHost: h\r\n\r\n"), arena_, extra),
            "GET /a HTTP/1.1\r\nhost: h\r\nx-forwarded-for: 192.0.2.1\r\nconnection: close\r\n\r\n");
}

TEST_F(H1Writer, LeavesRemovedFieldsOut) {
  Head& head = parse(kRequest);
  head.headers.remove(Token::connection);
  head.headers.remove("accept");
  EXPECT_EQ(write_request(head, arena_), "GET /a HTTP/1.1\r\nhost: h\r\ncookie: a=b\r\nx: y\r\n\r\n");
  head.headers.remove(Token::host);
  head.headers.remove("x");
  EXPECT_EQ(write_request(head, arena_), "GET /a HTTP/1.1\r\ncookie: a=b\r\n\r\n");
}

TEST_F(H1Writer, TakesWhatRulesHaveChanged) {
  Head& head = parse(kRequest);
  head.headers.find("accept")->value = "text/html";
  head.headers.add("x-new", arena_.copy("v"));
  head.target = "/other";
  head.method_text = "POST";
  EXPECT_EQ(write_request(head, arena_),
            "POST /other HTTP/1.1\r\nhost: h\r\naccept: text/html\r\ncookie: a=b\r\nconnection: close\r\nx: y\r\n"
            "x-new: v\r\n\r\n");
}

TEST_F(H1Writer, WritesTheVersionThatTheHeadSays) {
  Head& head = parse(kRequest);
  head.version = Version::http_1_0;
  EXPECT_TRUE(write_request(head, arena_).starts_with("GET /a HTTP/1.0\r\nhost: h\r\n"));
}

TEST_F(H1Writer, Responses) {
  Head& head = parse("HTTP/1.1 200 OK\r\nX: y\r\n\r\n");
  EXPECT_EQ(write_response(head, arena_), "HTTP/1.1 200 OK\r\nx: y\r\n\r\n");
  head.status = 404;
  EXPECT_EQ(write_response(head, arena_), "HTTP/1.1 404 OK\r\nx: y\r\n\r\n");
  head.reason = "Not Found";
  EXPECT_EQ(write_response(head, arena_), "HTTP/1.1 404 Not Found\r\nx: y\r\n\r\n");
}

TEST_F(H1Writer, AdjustsTheCaseOfNames) {
  NameCase names({{"host", "Host"}, {"x-forwarded-for", "X-Forwarded-For"}, {"cookie", "Cookie"}});
  const Field extra[] = {{"x-forwarded-for", "192.0.2.1"}};
  Head& head = parse(kRequest);
  std::string_view out = write_request(head, arena_, extra, &names);
  EXPECT_EQ(out,
            "GET /a HTTP/1.1\r\nHost: h\r\naccept: */*\r\nCookie: a=b\r\nconnection: close\r\nx: y\r\n"
            "X-Forwarded-For: 192.0.2.1\r\n\r\n");
  EXPECT_EQ(out.size(), request_size(head, extra));
}

}  // namespace
}  // namespace lbd::http
