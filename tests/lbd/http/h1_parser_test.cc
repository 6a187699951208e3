// Each row was sent through HAProxy 2.6.12, too: `out` is what it forwarded, except where a row says "stricter".
#include "lbd/http/h1_parser.h"

#include <gtest/gtest.h>

#include <string>

#include "lbd/http/h1_writer.h"

namespace lbd::http {
namespace {

struct Row {
  std::string_view in;
  std::string_view out;  // what goes out again, or the error
  std::string_view about = "";
};

std::string flags_of(const Head& head) {
  std::string flags;
  if (head.body == BodyKind::length) flags += " length=" + std::to_string(head.content_length);
  if (head.body == BodyKind::chunked) flags += " chunked";
  if (head.body == BodyKind::until_close) flags += " until-close";
  if (head.body == BodyKind::tunnel) flags += " tunnel";
  if (!head.keep_alive) flags += " close";
  if (head.upgrade) flags += " upgrade";
  if (head.expect_continue) flags += " expect";
  return flags;
}

// Feeds the bytes in pieces of `step` and gives the head as it goes out again, with what it means behind it.
std::string run(std::string bytes, bool request, size_t step, const H1Limits& limits, bool to_head, bool to_connect) {
  base::BlockPool pool(4096, 4);
  base::Arena arena(pool);
  Head head(arena);
  H1Parser parser;
  Parsed parsed;
  std::string buffer(bytes.size(), '\0');
  for (size_t have = 0; have < bytes.size() && parsed.state == Parsed::State::partial;) {
    size_t n = std::min(step, bytes.size() - have);
    bytes.copy(buffer.data() + have, n, have);
    have += n;
    std::span<char> seen(buffer.data(), have);
    parsed = request ? parser.parse_request(seen, head, limits)
                     : parser.parse_response(seen, head, limits, to_head, to_connect);
  }
  if (parsed.state == Parsed::State::partial) return "partial";
  if (parsed.state == Parsed::State::error) return "error: " + std::string(text_of(parsed.error));
  std::string out(request ? write_request(head, arena) : write_response(head, arena));
  EXPECT_EQ(out.size(), request ? request_size(head) : response_size(head));
  return out + flags_of(head);
}

void check(const Row& row, bool request, const H1Limits& limits = {}, bool to_head = false, bool to_connect = false) {
  for (size_t step : {row.in.size(), size_t{1}, size_t{7}, size_t{19}})
    EXPECT_EQ(run(std::string(row.in), request, step, limits, to_head, to_connect), row.out)
        << "for " << testing::PrintToString(row.in) << " in pieces of " << step << ' ' << row.about;
}

TEST(H1Parser, Requests) {
  using namespace std::string_view_literals;
  const Row rows[] = {
      {"GET / HTTP/1.1\r\nHost: a\r\nX-A: B\r\n\r\n", "GET / HTTP/1.1\r\nhost: a\r\nx-a: B\r\n\r\n"},
      {"\r\n\r\n\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nhost: a\r\n\r\n"},
      {"\rGET / HTTP/1.1\r\nHost: a\r\n\r\n", "error: CR without LF"},
      {"GET / HTTP/1.1\nHost: a\n\n", "GET / HTTP/1.1\r\nhost: a\r\n\r\n"},
      {"GET / HTTP/1.1\r\nX: b\rc\r\n\r\n", "error: CR without LF"},
      {"GET / HTTP/1.1\r\nX: b\r\r\n\r\n", "error: CR without LF"},
      {"GET / HTTP/1.1\r\nX: b\0c\r\n\r\n"sv, "error: NUL in a field value", "stricter"},
      {"GET / HTTP/1.1\r\nX: b\1c\x7f\r\n\r\n", "GET / HTTP/1.1\r\nx: b\1c\x7f\r\n\r\n"},
      {"GET / HTTP/1.1\r\nX: b\xff\x80\tc\r\n\r\n", "GET / HTTP/1.1\r\nx: b\xff\x80\tc\r\n\r\n"},
      {"GET / HTTP/1.1\r\nX : b\r\n\r\n", "error: invalid field name"},
      {"GET / HTTP/1.1\r\n: b\r\n\r\n", "error: invalid field name"},
      {"GET / HTTP/1.1\r\nXb\r\n\r\n", "error: invalid field name"},
      {"GET / HTTP/1.1\r\nX(: b\r\n\r\n", "error: invalid field name"},
      {"GET / HTTP/1.1\r\nX\x80: b\r\n\r\n", "error: invalid field name"},
      {"GET / HTTP/1.1\r\n Host: a\r\n\r\n", "error: invalid field name"},
      {"GET / HTTP/1.1\r\nX!#$%&'*+-.^_`|~0Z: b\r\n\r\n", "GET / HTTP/1.1\r\nx!#$%&'*+-.^_`|~0z: b\r\n\r\n"},
      {"GET / HTTP/1.1\r\nX:\r\nY:b\r\n\r\n", "GET / HTTP/1.1\r\nx: \r\ny: b\r\n\r\n"},
      {"GET / HTTP/1.1\r\nX:  \t a b \t \r\n\r\n", "GET / HTTP/1.1\r\nx: a b\r\n\r\n"},
      {"GET / HTTP/1.1\r\nX: a\r\n b\r\n\t  c\r\nY: d\r\n\r\n", "GET / HTTP/1.1\r\nx: a   b  \t  c\r\ny: d\r\n\r\n"},
      {"GET / HTTP/1.1\r\nX:\r\n b\r\n \r\nY: d\r\n\r\n", "GET / HTTP/1.1\r\nx: b\r\ny: d\r\n\r\n"},
      {"GET / HTTP/1.1\r\nA-Name-That-Is-Longer-Than-Two-Blocks-Of-Sixteen: v\r\n\r\n",
       "GET / HTTP/1.1\r\na-name-that-is-longer-than-two-blocks-of-sixteen: v\r\n\r\n"},
      // the request line
      {"GET /\r\n\r\n", "error: invalid or unsupported version"},
      {"GET / \r\n\r\n", "error: invalid or unsupported version"},
      {"GET\r\n\r\n", "error: invalid method"},
      {"GET / HTTP/0.9\r\n\r\n", "error: invalid or unsupported version", "stricter"},
      {"GET / HTTP/1.2\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"},
      {"GET / HTTP/2.0\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"},
      {"GET / HTTP/11\r\n\r\n", "error: invalid or unsupported version"},
      {"GET / HTTP/1.10\r\n\r\n", "error: invalid or unsupported version"},
      {"GET / http/1.1\r\n\r\n", "error: invalid or unsupported version"},
      {"GET / HTTP/1.1 \r\n\r\n", "error: invalid or unsupported version"},
      {"GET  /  HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"},
      {"GET\t/ HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"},
      {" GET / HTTP/1.1\r\n\r\n", "error: invalid start of message"},
      {"\x16\x03\x01", "error: invalid start of message"},
      {"GET / a HTTP/1.1\r\n\r\n", "error: invalid or unsupported version"},
      {"G(T / HTTP/1.1\r\n\r\n", "error: invalid method"},
      {"get / HTTP/1.1\r\n\r\n", "get / HTTP/1.1\r\n\r\n"},
      {"GET /\1 HTTP/1.1\r\n\r\n", "error: invalid request target"},
      {"GET /\x80 HTTP/1.1\r\n\r\n", "error: invalid request target"},
      {"GET /a#b HTTP/1.1\r\n\r\n", "error: invalid request target"},
      {"GET /\"<>\\^`{|} HTTP/1.1\r\n\r\n", "GET /\"<>\\^`{|} HTTP/1.1\r\n\r\n"},
      {"GET foo HTTP/1.1\r\n\r\n", "GET foo HTTP/1.1\r\n\r\n"},
      {"GET ?a HTTP/1.1\r\n\r\n", "GET ?a HTTP/1.1\r\n\r\n"},
      {"OPTIONS * HTTP/1.1\r\n\r\n", "OPTIONS * HTTP/1.1\r\n\r\n"},
      {"PRI * HTTP/2.0\r\n\r\n", "error: invalid method"},
      {"GET / HT", "partial"},
      {"GET / HTTP/1.1\r\nHost: a\r\n", "partial"},
      {"\r\n\r\n", "partial"},
      // Host and authority
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: A\r\n\r\n", "GET / HTTP/1.1\r\nhost: a\r\n\r\n"},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "error: contradicting Host"},
      {"GET http://a/x HTTP/1.1\r\nHost: a\r\n\r\n", "GET http://a/x HTTP/1.1\r\nhost: a\r\n\r\n"},
      {"GET http://a/x HTTP/1.1\r\nHost: b\r\n\r\n", "error: contradicting Host"},
      {"GET http://a/x HTTP/1.1\r\n\r\n", "GET http://a/x HTTP/1.1\r\n\r\n"},
      {"GET http://a:80/x HTTP/1.1\r\nHost: a\r\n\r\n", "GET http://a/x HTTP/1.1\r\nhost: a\r\n\r\n"},
      {"GET http://a/x HTTP/1.1\r\nHost: a:80\r\n\r\n", "GET http://a/x HTTP/1.1\r\nhost: a:80\r\n\r\n"},
      {"GET https://a:443/x HTTP/1.1\r\nHost: a\r\n\r\n", "GET https://a/x HTTP/1.1\r\nhost: a\r\n\r\n"},
      {"GET http://a:81/x HTTP/1.1\r\nHost: a\r\n\r\n", "error: contradicting Host"},
      {"GET http://u@a/x HTTP/1.1\r\nHost: a\r\n\r\n", "GET http://u@a/x HTTP/1.1\r\nhost: a\r\n\r\n"},
      {"GET http://a HTTP/1.1\r\nHost: a\r\n\r\n", "GET http://a HTTP/1.1\r\nhost: a\r\n\r\n"},
      {"GET http://a?q HTTP/1.1\r\n\r\n", "GET http://a?q HTTP/1.1\r\n\r\n"},
      {"GET http://a:80x?q HTTP/1.1\r\n\r\n", "error: invalid request target"},
      {"GET http:///x HTTP/1.1\r\n\r\n", "error: invalid request target"},
      {"GET http:/a HTTP/1.1\r\nHost: HTTP:\r\n\r\n", "GET http:/a HTTP/1.1\r\nhost: HTTP:\r\n\r\n"},
      {"GET u@a/b HTTP/1.1\r\nHost: A\r\n\r\n", "GET u@a/b HTTP/1.1\r\nhost: A\r\n\r\n"},
      {"GET http://u@A:80/ HTTP/1.1\r\nHost: a\r\n\r\n", "GET http://u@A/ HTTP/1.1\r\nhost: A\r\n\r\n"},
      {"GET http://a?q HTTP/1.1\r\nHost: a\r\n\r\n", "error: contradicting Host"},
      {"GET http://a:/ HTTP/1.1\r\nHost: a\r\n\r\n", "GET http://a/ HTTP/1.1\r\nhost: a\r\n\r\n"},
      {"GET HTTP://a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", "GET HTTP://a HTTP/1.1\r\nhost: a\r\n\r\n"},
      {"GET http://a:443/ HTTP/1.1\r\nHost: a\r\n\r\n", "error: contradicting Host"},
      {"GET ws://a:80/ HTTP/1.1\r\nHost: a\r\n\r\n", "error: contradicting Host"},
      {"GET 1x://a/ HTTP/1.1\r\nHost: a\r\n\r\n", "error: contradicting Host"},
      {"GET x$y://a/ HTTP/1.1\r\nHost: a\r\n\r\n", "error: contradicting Host"},
      {"GET mailto:a HTTP/1.1\r\nHost: a\r\n\r\n", "error: contradicting Host"},
      {"GET http://a/ HTTP/1.1\r\nHost: \r\n\r\n", "error: contradicting Host"},
      {"GET / HTTP/1.1\r\nHost: a b@c/d\r\n\r\n", "GET / HTTP/1.1\r\nhost: a b@c/d\r\n\r\n"},
      {"GET http:///x HTTP/1.1\r\nHost: b\r\n\r\n", "error: invalid request target", "stricter"},
      {"CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", "CONNECT a:80 HTTP/1.1\r\nhost: a\r\n\r\n"},
      {"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", "CONNECT a:80 HTTP/1.1\r\nhost: a\r\n\r\n"},
      {"CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n\r\n", "CONNECT [::1]:443 HTTP/1.1\r\nhost: [::1]\r\n\r\n"},
      {"CONNECT a:8080 HTTP/1.1\r\nHost: a\r\n\r\n", "error: contradicting Host"},
      {"GET http://a:80x/ HTTP/1.1\r\nHost: a:80x\r\n\r\n", "error: invalid request target", "stricter"},
      {"GET http://[::1]:81/ HTTP/1.1\r\nHost: [::1]:81\r\n\r\n",
       "GET http://[::1]:81/ HTTP/1.1\r\nhost: [::1]:81\r\n\r\n"},
      {"CONNECT ::1:80 HTTP/1.1\r\n\r\n", "error: invalid request target", "stricter"},
      {"CONNECT a:99999 HTTP/1.1\r\nHost: a:99999\r\n\r\n", "error: invalid request target", "stricter"},
      {"CONNECT u@a:80 HTTP/1.1\r\nHost: a\r\n\r\n", "error: invalid request target", "stricter"},
      {"CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n", "error: invalid request target"},
      {"CONNECT / HTTP/1.1\r\n\r\n", "error: invalid request target"},
      {"CONNECT http://a/ HTTP/1.1\r\n\r\n", "error: invalid request target"},
      {"CONNECT a:80 HTTP/1.1\r\nHost: b:80\r\n\r\n", "error: contradicting Host"},
      {"CONNECT a:81 HTTP/1.1\r\nHost: a:81\r\nContent-Length: 3\r\n\r\n",
       "CONNECT a:81 HTTP/1.1\r\nhost: a:81\r\n\r\n"},
      // Content-Length
      {"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\n", "POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\n length=3"},
      {"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", "POST / HTTP/1.1\r\ncontent-length: 0\r\n\r\n"},
      {"POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n",
       "POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\n length=3"},
      {"POST / HTTP/1.1\r\nContent-Length: 3, 3\r\n\r\n", "POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\n length=3"},
      {"POST / HTTP/1.1\r\nContent-Length: 03\r\n\r\n", "POST / HTTP/1.1\r\ncontent-length: 03\r\n\r\n length=3"},
      {"POST / HTTP/1.1\r\nContent-Length: 18446744073709551615\r\n\r\n",
       "POST / HTTP/1.1\r\ncontent-length: 18446744073709551615\r\n\r\n length=18446744073709551615"},
      {"POST / HTTP/1.1\r\nContent-Length: 18446744073709551616\r\n\r\n",
       "error: invalid or contradicting Content-Length"},
      {"POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
       "error: invalid or contradicting Content-Length"},
      {"POST / HTTP/1.1\r\nContent-Length: 3,4\r\n\r\n", "error: invalid or contradicting Content-Length"},
      {"POST / HTTP/1.1\r\nContent-Length: +3\r\n\r\n", "error: invalid or contradicting Content-Length"},
      {"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "error: invalid or contradicting Content-Length"},
      {"POST / HTTP/1.1\r\nContent-Length: 3a\r\n\r\n", "error: invalid or contradicting Content-Length"},
      {"POST / HTTP/1.1\r\nContent-Length: \r\n\r\n", "error: invalid or contradicting Content-Length"},
      {"POST / HTTP/1.1\r\nContent-Length: 3,\r\n\r\n", "error: invalid or contradicting Content-Length"},
      // Transfer-Encoding
      {"POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n",
       "POST / HTTP/1.1\r\ntransfer-encoding: Chunked\r\n\r\n chunked"},
      {"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
       "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n chunked close"},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
       "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n chunked close"},
      {"POST / HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n",
       "POST / HTTP/1.0\r\nconnection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n chunked close"},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "error: unsupported transfer coding"},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n",
       "error: unsupported transfer coding"},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: ,chunked,\r\n\r\n", "error: unsupported transfer coding"},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
       "error: invalid Transfer-Encoding"},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", "error: invalid Transfer-Encoding"},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", "error: invalid Transfer-Encoding"},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", "error: invalid Transfer-Encoding"},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: identity\r\n\r\n", "error: invalid Transfer-Encoding"},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: \r\n\r\n", "error: invalid Transfer-Encoding"},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n", "error: invalid Transfer-Encoding"},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked;a=b\r\n\r\n", "error: invalid Transfer-Encoding"},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: \x0b"
       "chunked\r\n\r\n",
       "error: invalid Transfer-Encoding"},
      {"POST / HTTP/1.1\r\nContent-Length: 3\x0b\r\n\r\n", "error: invalid or contradicting Content-Length"},
      // Connection, Upgrade, Expect, TE
      {"GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.0\r\n\r\n close"},
      {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "GET / HTTP/1.0\r\nconnection: Keep-Alive\r\n\r\n"},
      {"GET / HTTP/1.0\r\nConnection: close, keep-alive\r\n\r\n",
       "GET / HTTP/1.0\r\nconnection: close, keep-alive\r\n\r\n close"},
      {"GET / HTTP/1.0\r\nProxy-Connection: keep-alive\r\n\r\n",
       "GET / HTTP/1.0\r\nproxy-connection: keep-alive\r\n\r\n close"},
      {"GET / HTTP/1.1\r\nConnection: foo, Close\r\n\r\n", "GET / HTTP/1.1\r\nconnection: foo, Close\r\n\r\n close"},
      {"GET / HTTP/1.1\r\nProxy-Connection: close\r\n\r\n", "GET / HTTP/1.1\r\nproxy-connection: close\r\n\r\n"},
      {"GET / HTTP/1.1\r\nConnection: keep-alive, Upgrade\r\nUpgrade: foo\r\n\r\n",
       "GET / HTTP/1.1\r\nconnection: keep-alive, Upgrade\r\nupgrade: foo\r\n\r\n upgrade"},
      {"GET / HTTP/1.1\r\nUpgrade: foo\r\n\r\n", "GET / HTTP/1.1\r\nupgrade: foo\r\n\r\n"},
      {"GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: foo\r\n\r\n",
       "GET / HTTP/1.0\r\nconnection: upgrade\r\nupgrade: foo\r\n\r\n close upgrade"},
      {"GET / HTTP/1.1\r\nConnection: upgrade\r\n\r\n", "GET / HTTP/1.1\r\nconnection: upgrade\r\n\r\n upgrade"},
      {"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", "error: invalid protocol upgrade"},
      {"GET / HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: foo, WebSocket\r\n\r\n", "error: invalid protocol upgrade"},
      {"GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n", "GET / HTTP/1.1\r\nupgrade: websocket\r\n\r\n"},
      {"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\n",
       "error: invalid protocol upgrade"},
      {"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: "
       "0123456789abcdef01234567\r\n\r\n",
       "GET / HTTP/1.1\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-key: "
       "0123456789abcdef01234567\r\n\r\n upgrade"},
      {"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: x\r\nUpgrade: y, WebSocket\r\n\r\n",
       "error: invalid protocol upgrade"},
      {"POST / HTTP/1.1\r\nUpgrade: foo\r\nContent-Length: 3\r\n\r\n",
       "POST / HTTP/1.1\r\nupgrade: foo\r\ncontent-length: 3\r\n\r\n length=3"},
      {"GET / HTTP/1.0\r\nContent-Length: 3\r\n\r\n", "error: body where HTTP/1.0 expects none"},
      {"HEAD / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "error: body where HTTP/1.0 expects none"},
      {"DELETE / HTTP/1.0\r\nContent-Length: 0\r\n\r\n", "DELETE / HTTP/1.0\r\ncontent-length: 0\r\n\r\n close"},
      {"POST / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: foo\r\nContent-Length: 3\r\n\r\n",
       "POST / HTTP/1.1\r\nconnection: Upgrade\r\ncontent-length: 3\r\n\r\n length=3"},
      {"POST / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 3\r\n\r\n",
       "POST / HTTP/1.1\r\nexpect: 100-Continue\r\ncontent-length: 3\r\n\r\n length=3 expect"},
      {"POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n",
       "POST / HTTP/1.0\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\n length=3 close"},
      {"GET / HTTP/1.1\r\nTE: gzip\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"},
      {"GET / HTTP/1.1\r\nTE: trailers, gzip\r\n\r\n", "GET / HTTP/1.1\r\nte: trailers\r\n\r\n"},
  };
  for (const Row& row : rows) check(row, true);
}

TEST(H1Parser, AcceptInvalidRequests) {
  const H1Limits limits{.accept_invalid = true};
  const Row rows[] = {
      {"GET / HTTP/1.1\r\nX : b\r\n\r\n", "GET / HTTP/1.1\r\nx: b\r\n\r\n"},
      {"GET / HTTP/1.1\r\nContent-Length : 3\r\n\r\n", "GET / HTTP/1.1\r\ncontent-length: 3\r\n\r\n length=3"},
      {"GET / HTTP/1.1\r\n Host: a\r\n\r\n", "GET / HTTP/1.1\r\nhost: a\r\n\r\n"},
      {"GET / HTTP/1.1\r\nX(\x80@: b\1\r\n\r\n", "GET / HTTP/1.1\r\nx(\x80@: b\1\r\n\r\n"},
      {{"GET / HTTP/1.1\r\nX: b\0\r\n\r\n", 24}, "error: NUL in a field value"},
      {"GET /\r\n\r\n", "GET / HTTP/1.0\r\n\r\n close"},
      {"GET / HTTP/0.9\r\n\r\n", "GET / HTTP/1.0\r\n\r\n close"},
      {"GET / HTTQ/1.1\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"},
      {"GET / RTSP/1.0\r\n\r\n", "GET / HTTP/1.0\r\n\r\n close"},
      {"GET /\x80#\xff HTTP/1.1\r\n\r\n", "GET /\x80#\xff HTTP/1.1\r\n\r\n"},
      {"GET /\1 HTTP/1.1\r\n\r\n", "error: invalid request target"},
      {"GET foo HTTP/1.1\r\n\r\n", "GET foo HTTP/1.1\r\n\r\n"},
      {"GET / a HTTP/1.1\r\n\r\n", "error: invalid or unsupported version"},
      {"GET http://a/x HTTP/1.1\r\nHost: b\r\n\r\n", "GET http://a/x HTTP/1.1\r\nhost: b\r\n\r\n"},
      {"CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n", "CONNECT a HTTP/1.1\r\nhost: a\r\n\r\n"},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "error: contradicting Host"},
  };
  for (const Row& row : rows) check(row, true, limits);
}

TEST(H1Parser, Responses) {
  using namespace std::string_view_literals;
  const Row rows[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: Y\r\n\r\n",
       "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx: Y\r\n\r\n length=2"},
      {"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n until-close close"},
      {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n", "HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n length=2 close"},
      {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\n",
       "HTTP/1.0 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\n length=2"},
      {"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 \r\ncontent-length: 0\r\n\r\n"},
      {"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 \r\ncontent-length: 0\r\n\r\n"},
      {"HTTP/1.1 200 A B  C \r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 A B  C \r\ncontent-length: 0\r\n\r\n"},
      {"HTTP/1.1  200\tOK\nContent-Length: 0\n\n", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"},
      {"\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"},
      {"HTTP/1.2 999 x\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 999 x\r\ncontent-length: 0\r\n\r\n"},
      {"HTTP/1.1 20 OK\r\n\r\n", "error: invalid status", "stricter"},
      {"HTTP/1.1 2000 OK\r\n\r\n", "error: invalid status", "stricter"},
      {"HTTP/1.1 099 OK\r\n\r\n", "error: invalid status", "stricter"},
      {"HTTP/1.1 2x0 OK\r\n\r\n", "error: invalid status"},
      {"HTTP/1.1\r\n\r\n", "error: invalid or unsupported version"},
      {"HTTP/0.9 200 OK\r\n\r\n", "error: invalid or unsupported version", "stricter"},
      {"RTSP/1.0 200 OK\r\n\r\n", "error: invalid or unsupported version", "stricter"},
      {"ICY 200 OK\r\n\r\n", "error: invalid or unsupported version"},
      {"hello", "error: invalid or unsupported version"},
      {"HTTP/1.1 200 a\0b\r\n\r\n"sv, "error: NUL in a field value", "stricter"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n length=2"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n",
       "error: invalid or contradicting Content-Length"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
       "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n chunked close"},
      {"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
       "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n chunked close"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "error: unsupported transfer coding"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "error: invalid Transfer-Encoding"},
      {"HTTP/1.1 204 No\r\nContent-Length: 2\r\n\r\n", "HTTP/1.1 204 No\r\ncontent-length: 2\r\n\r\n"},  // no body
      {"HTTP/1.1 304 No\r\nContent-Length: 2\r\n\r\n", "HTTP/1.1 304 No\r\ncontent-length: 2\r\n\r\n"},
      {"HTTP/1.1 102 P\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 102 P\r\n\r\n"},
      {"HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: foo\r\nContent-Length: 1\r\n\r\n",
       "HTTP/1.1 101 S\r\nconnection: upgrade\r\nupgrade: foo\r\n\r\n tunnel upgrade"},
      {"HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", "error: invalid protocol upgrade"},
      {"HTTP/1.1 101 S\r\n\r\n", "error: invalid protocol upgrade"},
  };
  for (const Row& row : rows) check(row, false);
}

TEST(H1Parser, ResponsesToHead) {
  for (const Row& row :
       {Row{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"},
        Row{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"},
        Row{"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n"}})
    check(row, false, {}, true);
}

TEST(H1Parser, ResponsesToConnect) {
  for (const Row& row :
       {Row{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n tunnel"},
        Row{"HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\n", "HTTP/1.1 403 No\r\ncontent-length: 2\r\n\r\n length=2"}})
    check(row, false, {}, false, true);
}

TEST(H1Parser, CountsTheFirstLineAmongMaxhdr) {
  std::string head = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 100; ++i) head += "X" + std::to_string(i) + ": 1\r\n";
  std::string more = head + "Y: 1\r\n";
  EXPECT_TRUE(run(head + "\r\n", true, head.size() + 2, {}, false, false).starts_with("GET / HTTP/1.1\r\nx0: 1"));
  EXPECT_EQ(run(more + "\r\n", true, more.size() + 2, {}, false, false), "error: too many header fields");
}

TEST(H1Parser, TheLengthLeavesPipelinedBytes) {
  std::string bytes = "\r\nGET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n";
  base::BlockPool pool(4096, 4);
  base::Arena arena(pool);
  Head head(arena);
  H1Parser parser;
  Parsed first = parser.parse_request(bytes, head, {});
  ASSERT_EQ(first.state, Parsed::State::complete);
  EXPECT_EQ(first.length, 21u);
  EXPECT_EQ(head.first_line, "GET /1 HTTP/1.1");
  Head second(arena);
  parser.reset();
  ASSERT_EQ(parser.parse_request(std::span(bytes).subspan(first.length), second, {}).state, Parsed::State::complete);
  EXPECT_EQ(second.target, "/2");
}

TEST(H1Parser, BeginsAnewWhenTheBytesHaveMoved) {
  std::string part = "GET / HTTP/1.1\r\nHost: a\r\nX: y", whole = part + "\r\n\r\n";
  base::BlockPool pool(4096, 4);
  base::Arena arena(pool);
  Head head(arena);
  H1Parser parser;
  ASSERT_EQ(parser.parse_request(part, head, {}).state, Parsed::State::partial);
  EXPECT_TRUE(parser.begun());
  ASSERT_EQ(parser.parse_request(whole, head, {}).state, Parsed::State::complete);
  part.assign(part.size(), '!');
  EXPECT_EQ(write_request(head, arena), "GET / HTTP/1.1\r\nhost: a\r\nx: y\r\n\r\n");
}

TEST(H1Parser, NamesThePositionOfTheError) {
  std::string bytes = "GET / HTTP/1.1\r\nHost: a\r\nX Y: b\r\n\r\n";
  base::BlockPool pool(4096, 4);
  base::Arena arena(pool);
  Head head(arena);
  Parsed parsed = H1Parser().parse_request(bytes, head, {});
  ASSERT_EQ(parsed.state, Parsed::State::error);
  EXPECT_EQ(parsed.length, bytes.find("x Y") + 1);
  EXPECT_EQ(status_of(parsed.error), 400);
  EXPECT_EQ(status_of(H1Error::unsupported_coding), 422);
}

TEST(H1Parser, NamesHaveAtMost255Bytes) {
  for (bool blank : {false, true}) {
    for (size_t size : {255u, 256u}) {
      std::string name(size, 'n');
      Row row{"", "", ""};
      std::string in = "GET / HTTP/1.1\r\n" + name + ":" + (blank ? " " : "") + "value\r\nLast: one\r\n\r\n";
      std::string out =
          size > 255 ? "error: invalid field name" : "GET / HTTP/1.1\r\n" + name + ": value\r\nlast: one\r\n\r\n";
      row.in = in;
      row.out = out;
      check(row, true);
    }
  }
}

TEST(H1Parser, Trailers) {
  base::BlockPool pool(4096, 4);
  base::Arena arena(pool);
  Headers trailers(arena);
  std::string good = "X-T: A\r\nContent-Length: 7\r\nGrpc-Status: 0\r\nTransfer-Encoding: chunked\r\nHost: b\r\n\r\n";
  Parsed parsed = parse_trailers(good, trailers, {});
  ASSERT_EQ(parsed.state, Parsed::State::complete);
  EXPECT_EQ(parsed.length, good.size());
  ASSERT_EQ(trailers.size(), 2u);
  EXPECT_EQ(trailers.begin()[0].name, "x-t");
  const std::string all[] = {"Bad Trailer\r\n\r\n",
                             "X : y\r\n\r\n",
                             ":status: 1\r\n\r\n",
                             "Content-Length: x\r\n\r\n",
                             "Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
                             "Transfer-Encoding: gzip\r\n\r\n",
                             "Host: a\r\nHost: b\r\n\r\n",
                             std::string(256, 'n') + ": v\r\n\r\n",
                             std::string("X: \0\r\n\r\n", 8)};
  for (std::string bad : all) EXPECT_EQ(parse_trailers(bad, trailers, {}).state, Parsed::State::error) << bad;
}

}  // namespace
}  // namespace lbd::http
