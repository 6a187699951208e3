// How long a typical head takes to parse and to write. Disabled: run it from a Release build with
//   build/test_lbd_http --gtest_also_run_disabled_tests --gtest_filter='*Speed*'
#include <gtest/gtest.h>

#include <chrono>
#include <cstring>
#include <string>

#include "lbd/http/h1_parser.h"
#include "lbd/http/h1_writer.h"

namespace lbd::http {
namespace {

constexpr std::string_view kBrowser =
    "GET /images/logo.png?size=large&version=17 HTTP/1.1\r\n"
    "Host: www.example.org\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n"
    "Accept-Language: en-US,en;q=0.5\r\n"
    "Accept-Encoding: gzip, deflate, br\r\n"
    "Referer: https://www.example.org/index.html\r\n"
    "Cookie: session=0123456789abcdef0123456789abcdef; theme=dark; lang=en\r\n"
    "Connection: keep-alive\r\n\r\n";
constexpr std::string_view kTool = "GET /path HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n";
constexpr std::string_view kAnswer =
    "HTTP/1.1 200 OK\r\n"
    "Server: nginx/1.22.1\r\n"
    "Date: Mon, 06 Jan 2025 10:00:00 GMT\r\n"
    "Content-Type: text/html\r\n"
    "Content-Length: 612\r\n"
    "Last-Modified: Tue, 04 Dec 2018 14:52:24 GMT\r\n"
    "Connection: keep-alive\r\n"
    "ETag: \"5c0692e8-264\"\r\n"
    "Accept-Ranges: bytes\r\n\r\n";

template <typename Work>
double nanoseconds(Work work) {
  constexpr int kRounds = 2000;
  double best = 1e9;
  for (int repeat = 0; repeat < 300; ++repeat) {
    auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < kRounds; ++i) work();
    std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
    best = std::min(best, took.count() / kRounds);
  }
  return best;
}

void measure(const char* name, std::string_view text, bool request) {
  base::BlockPool pool(4096, 4);
  std::string bytes(text.size() + 64, '\0');
  size_t fields = 0, sum = 0;
  auto parse = [&](Head& head) {
    // As they come from the network: with capitals.
    std::memcpy(bytes.data(), text.data(), text.size());
    H1Parser parser;
    std::span<char> seen(bytes.data(), text.size());
    Parsed parsed =
        request ? parser.parse_request(seen, head, {}) : parser.parse_response(seen, head, {}, false, false);
    ASSERT_EQ(parsed.state, Parsed::State::complete);
    fields = head.headers.size();
  };
  double parsing = nanoseconds([&] {
    base::Arena arena(pool);
    Head head(arena);
    parse(head);
  });
  base::Arena arena(pool);
  Head head(arena);
  parse(head);
  auto write = [&] {
    base::Arena to(pool);
    std::string_view out = request ? write_request(head, to) : write_response(head, to);
    sum += out.size();
  };
  double writing = nanoseconds(write);
  const Field extra[] = {{"x-forwarded-for", "192.0.2.17"}};
  double extended = nanoseconds([&] {
    base::Arena to(pool);
    std::string_view out = request ? write_request(head, to, extra) : write_response(head, to, extra);
    sum += out.size();
  });
  head.headers.begin()[1].value = "www.example.com";
  head.headers.begin()[fields / 2].name = {};
  double edited = nanoseconds(write);
  std::printf("%-8s %zu fields, %zu bytes: parse %.0f ns, write %.0f ns, with a field more %.0f ns, edited %.0f ns\n",
              name, fields, text.size(), parsing, writing, extended, edited);
  EXPECT_GT(sum, 0u);
}

TEST(H1Speed, DISABLED_Heads) {
  measure("browser", kBrowser, true);
  measure("answer", kAnswer, false);
  std::string two = std::string(kTool.substr(0, kTool.size() - 2)) + "Accept: */*\r\n\r\n";
  measure("tool", two, true);
}

}  // namespace
}  // namespace lbd::http
