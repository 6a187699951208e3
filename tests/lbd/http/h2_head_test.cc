#include "lbd/http/h2_head.h"

#include <gtest/gtest.h>

#include "base/arena.h"

namespace lbd::http {
namespace {

using Fields = std::vector<std::pair<std::string_view, std::string_view>>;

class H2Head : public testing::Test {
 protected:
  // True: it is a request, now in `head`.
  bool read(const Fields& fields, bool last = true, H2Limits limits = {16384, 100}) {
    head = Head(arena);
    H2RequestReader reader(head, limits);
    for (const auto& [name, value] : fields) reader.add(name, value);
    too_large = reader.too_large();
    const bool request = reader.finish(last);
    extended = reader.extended_connect();
    return request && !too_large;
  }
  std::string_view value(std::string_view name) {
    const Header* header = head.headers.find(name);
    return header ? header->value : "(none)";
  }
  std::string sent(int status, bool extended_connect = false) {
    Head answer(arena);
    answer.status = status;
    for (std::string_view name : {"connection", "x-one", "transfer-encoding", "keep-alive", "upgrade", "x-two"})
      answer.headers.add(name, "v", token_of(name));
    std::string text;
    const Field extra[] = {{"connection", "close"}, {"x-extra", "e"}};
    for (const H2Field& field : h2_response(answer, extra, extended_connect, arena))
      text.append(field.name).append("=").append(field.value).append(" ");
    return text;
  }

  // The fields of a request as a server gets them.
  std::string asked(std::string_view method, std::string_view target, const Fields& fields, bool secure = false,
                    bool websocket = false) {
    Head request(arena);
    request.method_text = method;
    request.method = method_of(method);
    request.target = target;
    for (const auto& [name, value] : fields) request.headers.add(name, value);
    const Field extra[] = {{"connection", "keep-alive"}, {"x-extra", "e"}};
    std::string text;
    for (const H2Field& field : h2_request(request, extra, secure, websocket, arena))
      text.append(field.name).append("=").append(field.value).append(" ");
    return text;
  }
  bool answer(const Fields& fields, bool last = false, H2ResponseReader::To to = H2ResponseReader::To::request,
              H2Limits limits = {16384, 100}) {
    head = Head(arena);
    H2ResponseReader reader(head, limits, to);
    for (const auto& [name, value] : fields) reader.add(name, value);
    const bool well = reader.finish(last);
    informational = reader.informational();
    return well;
  }

  base::BlockPool blocks{4096, 4};
  base::Arena arena{blocks};
  Head head{arena};
  bool too_large = false, extended = false, informational = false;
};

const Fields kGet = {{":method", "GET"}, {":scheme", "https"}, {":authority", "a.test"}, {":path", "/p?q"}};

Fields with(Fields fields, const Fields& more) {
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

TEST_F(H2Head, PseudoHeadersBecomeTheStartLine) {
  ASSERT_TRUE(read(with(kGet, {{"accept", "*/*"}})));
  EXPECT_EQ(head.method, Method::get);
  EXPECT_EQ(head.target, "https://a.test/p?q");
  EXPECT_EQ(head.first_line, "GET https://a.test/p?q HTTP/2.0");
  EXPECT_EQ(head.headers.begin()->name, "host");
  EXPECT_EQ(value("host"), "a.test");
  EXPECT_EQ(value("accept"), "*/*");
  EXPECT_EQ(head.body, BodyKind::none);
  EXPECT_TRUE(head.keep_alive);
}

TEST_F(H2Head, TheAuthorityIsTheHost) {
  ASSERT_TRUE(read(with(kGet, {{"host", "b.test"}})));
  EXPECT_EQ(value("host"), "a.test");
}

TEST_F(H2Head, AHostWillDo) {
  ASSERT_TRUE(read({{":method", "GET"}, {":scheme", "http"}, {":path", "/"}, {"host", "b.test"}}));
  EXPECT_EQ(head.target, "/");
  EXPECT_EQ(value("host"), "b.test");
}

TEST_F(H2Head, CrumbsOfTheCookieAreJoined) {
  ASSERT_TRUE(read(with(kGet, {{"cookie", "a=1"}, {"x", "y"}, {"cookie", "b=2"}, {"cookie", "c=3"}})));
  EXPECT_EQ(value("cookie"), "a=1; b=2; c=3");
}

TEST_F(H2Head, BodiesHaveALengthOrChunks) {
  ASSERT_TRUE(read(kGet, false));
  EXPECT_EQ(head.body, BodyKind::chunked);
}

TEST_F(H2Head, LengthsAreNumbers) {
  ASSERT_TRUE(read(with(kGet, {{"content-length", "12"}, {"expect", "100-continue"}}), false));
  EXPECT_EQ(head.body, BodyKind::length);
  EXPECT_EQ(head.content_length, 12u);
  EXPECT_TRUE(head.expect_continue);
  EXPECT_FALSE(read(with(kGet, {{"content-length", "12x"}}), false));
}

TEST_F(H2Head, ConnectNamesAnAuthorityOnly) {
  ASSERT_TRUE(read({{":method", "CONNECT"}, {":authority", "a.test:443"}}, false));
  EXPECT_EQ(head.target, "a.test:443");
  EXPECT_EQ(head.body, BodyKind::none);
}

TEST_F(H2Head, ConnectWithAPathIsNone) {
  EXPECT_FALSE(read({{":method", "CONNECT"}, {":authority", "a.test:443"}, {":path", "/"}}, false));
}

TEST_F(H2Head, ExtendedConnectBecomesAnUpgrade) {
  ASSERT_TRUE(read({{":method", "CONNECT"},
                    {":protocol", "websocket"},
                    {":scheme", "https"},
                    {":authority", "a.test"},
                    {":path", "/chat"}},
                   false));
  EXPECT_TRUE(extended);
  EXPECT_EQ(head.method, Method::get);
  EXPECT_TRUE(head.upgrade);
  EXPECT_EQ(value("upgrade"), "websocket");
  EXPECT_NE(value("sec-websocket-key"), "(none)");
  EXPECT_EQ(head.body, BodyKind::none);
}

TEST_F(H2Head, AProtocolIsForConnectOnly) {
  EXPECT_FALSE(read(with({{":protocol", "websocket"}}, kGet)));
}

TEST_F(H2Head, WithoutAPathThereIsNoRequest) {
  EXPECT_FALSE(read({{":method", "GET"}, {":scheme", "http"}, {":authority", "a.test"}}));
}

TEST_F(H2Head, FragmentsAreRefused) {
  EXPECT_FALSE(read({{":method", "GET"}, {":scheme", "http"}, {":authority", "a.test"}, {":path", "/a#b"}}));
}

TEST_F(H2Head, TheWholeOfAStarIsKept) {
  ASSERT_TRUE(read({{":method", "OPTIONS"}, {":scheme", "http"}, {":authority", "a.test"}, {":path", "*"}}));
  EXPECT_EQ(head.target, "*");
}

TEST_F(H2Head, TooManyBytes) {
  EXPECT_FALSE(read(with(kGet, {{"x", std::string(200, 'v')}}), true, {300, 100}));
  EXPECT_TRUE(too_large);
}

TEST_F(H2Head, TooManyFields) {
  EXPECT_FALSE(read(with(kGet, {{"a", "1"}, {"cookie", "a"}, {"b", "2"}}), true, {16384, 2}));
  EXPECT_TRUE(too_large);
}

TEST_F(H2Head, AnswersLeaveOutWhatIsOfTheConnection) {
  EXPECT_EQ(sent(200), ":status=200 x-one=v x-two=v x-extra=e ");
  EXPECT_EQ(sent(101, true), ":status=200 x-one=v x-two=v x-extra=e ");
  EXPECT_EQ(sent(403, true), ":status=403 x-one=v x-two=v x-extra=e ");
}

TEST_F(H2Head, RequestsToServers) {
  EXPECT_EQ(asked("GET", "/p?q", {{"host", "a.test"}, {"accept", "*/*"}}),
            ":method=GET :scheme=http :authority=a.test :path=/p?q accept=*/* x-extra=e ");
  EXPECT_EQ(asked("GET", "/", {{"host", "a.test"}}, true),
            ":method=GET :scheme=https :authority=a.test :path=/ x-extra=e ");
  EXPECT_EQ(asked("GET", "https://b.test/x", {{"host", "b.test"}}),
            ":method=GET :scheme=https :authority=b.test :path=/x x-extra=e ")
      << "the target knows best";
  EXPECT_EQ(asked("GET", "http://b.test", {}), ":method=GET :scheme=http :authority=b.test :path=/ x-extra=e ");
  EXPECT_EQ(asked("GET", "/old", {}), ":method=GET :scheme=http :path=/old x-extra=e ");
  EXPECT_EQ(asked("OPTIONS", "*", {{"host", "a"}}), ":method=OPTIONS :scheme=http :authority=a :path=* x-extra=e ");
  EXPECT_EQ(asked("OPTIONS", "http://a", {}), ":method=OPTIONS :scheme=http :authority=a :path=* x-extra=e ");
}

TEST_F(H2Head, RequestsLeaveOutWhatIsOfTheConnection) {
  EXPECT_EQ(asked("GET", "/",
                  {{"host", "a"},
                   {"connection", "upgrade"},
                   {"upgrade", "h2c"},
                   {"http2-settings", "x"},
                   {"keep-alive", "1"},
                   {"transfer-encoding", "chunked"},
                   {"te", "trailers, gzip"}}),
            ":method=GET :scheme=http :authority=a :path=/ te=trailers x-extra=e ");
  EXPECT_EQ(asked("GET", "/", {{"te", "gzip"}}), ":method=GET :scheme=http :path=/ x-extra=e ");
}

TEST_F(H2Head, TunnelsToServers) {
  EXPECT_EQ(asked("CONNECT", "a.test:443", {{"host", "a.test:443"}}),
            ":method=CONNECT :authority=a.test:443 x-extra=e ");
  EXPECT_EQ(asked("GET", "/chat",
                  {{"host", "a"}, {"connection", "upgrade"}, {"upgrade", "websocket"}, {"sec-websocket-key", "k"}},
                  false, true),
            ":method=CONNECT :protocol=websocket :scheme=http :authority=a :path=/chat x-extra=e ");
}

TEST_F(H2Head, AnswersOfServers) {
  ASSERT_TRUE(answer({{":status", "200"}, {"content-length", "5"}, {"x", "y"}}));
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.reason, "OK");
  EXPECT_EQ(head.version, Version::http_2);
  EXPECT_EQ(head.body, BodyKind::length);
  EXPECT_EQ(head.content_length, 5u);
  EXPECT_EQ(value("x"), "y");
  EXPECT_EQ(value(":status"), "(none)");
  EXPECT_FALSE(informational);
  ASSERT_TRUE(answer({{":status", "200"}}));
  EXPECT_EQ(head.body, BodyKind::chunked);
  ASSERT_TRUE(answer({{":status", "404"}}, true));
  EXPECT_EQ(head.body, BodyKind::length);
  EXPECT_EQ(head.content_length, 0u);
  for (std::string_view status : {"204", "304"}) {
    ASSERT_TRUE(answer({{":status", status}}));
    EXPECT_EQ(head.body, BodyKind::none);
  }
  ASSERT_TRUE(answer({{":status", "103"}, {"link", "l"}}));
  EXPECT_TRUE(informational);
}

TEST_F(H2Head, AnswersToHeadAndTunnels) {
  using To = H2ResponseReader::To;
  ASSERT_TRUE(answer({{":status", "200"}, {"content-length", "5"}}, true, To::head));
  EXPECT_EQ(head.body, BodyKind::none);
  EXPECT_TRUE(head.head_request);
  ASSERT_TRUE(answer({{":status", "200"}}, false, To::connect));
  EXPECT_EQ(head.body, BodyKind::tunnel);
  ASSERT_TRUE(answer({{":status", "200"}}, false, To::extended_connect));
  EXPECT_EQ(head.status, 101);
  EXPECT_EQ(head.body, BodyKind::tunnel);
  EXPECT_EQ(value("upgrade"), "websocket");
  ASSERT_TRUE(answer({{":status", "403"}}, true, To::extended_connect));
  EXPECT_EQ(head.status, 403);
  EXPECT_EQ(head.body, BodyKind::length);
}

TEST_F(H2Head, AnswersThatAreNone) {
  EXPECT_FALSE(answer({{"x", "y"}})) << "no status";
  EXPECT_FALSE(answer({{":status", "101"}})) << "HTTP/2 has no 101";
  EXPECT_FALSE(answer({{":status", "600"}}));
  EXPECT_FALSE(answer({{":status", "2x0"}}));
  EXPECT_FALSE(answer({{":status", "200"}, {"content-length", "5, 6"}}));
  EXPECT_FALSE(
      answer({{":status", "200"}, {"x", std::string(200, 'v')}}, false, H2ResponseReader::To::request, {200, 100}));
  EXPECT_FALSE(answer({{":status", "200"}, {"a", "1"}, {"b", "2"}}, false, H2ResponseReader::To::request, {16384, 1}));
}

TEST(H2Trailers, GoThereAndBack) {
  std::string section;
  append_trailer(section, "grpc-status", "0");
  append_trailer(section, "x", "a: b");
  section += "\r\n";
  const std::vector<H2Field> fields = h2_trailers(section);
  ASSERT_EQ(fields.size(), 2u);
  EXPECT_EQ(fields[0].name, "grpc-status");
  EXPECT_EQ(fields[0].value, "0");
  EXPECT_EQ(fields[1].value, "a: b");
  EXPECT_TRUE(h2_trailers("\r\n").empty());
}

}  // namespace
}  // namespace lbd::http
