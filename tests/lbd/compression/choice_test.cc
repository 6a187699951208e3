#include "lbd/compression/choice.h"

#include <gtest/gtest.h>

#include "base/arena.h"

namespace lbd::compression {
namespace {

using enum config::Compression::Algorithm;

struct ChoiceTest : testing::Test {
  base::BlockPool pool{4096, 16};
  base::Arena arena{pool};
  http::Head request{arena}, answer{arena};
  std::optional<Algorithm> chosen(const std::vector<Algorithm>& offered, std::string_view accept) {
    request.headers.clear();
    request.headers.add("accept-encoding", accept);
    return choose(offered, request);
  }
  void SetUp() override {
    answer.status = 200;
    answer.body = http::BodyKind::length;
    answer.content_length = 100;
    answer.headers.add("content-type", "text/html; charset=utf-8");
  }
  bool permitted(const std::vector<std::string>& types = {}, uint64_t least = 0) const {
    return permits(answer, types, least);
  }
};

TEST_F(ChoiceTest, TakesWhatTheClientLikesBest) {
  EXPECT_EQ(chosen({gzip}, "br, GZIP;q=0.1"), gzip);
  EXPECT_EQ(chosen({gzip, deflate}, "gzip;q=0.5, deflate;q=0.9"), deflate);
  EXPECT_EQ(chosen({deflate, gzip}, "gzip, deflate"), gzip);
  EXPECT_EQ(chosen({raw_deflate}, "deflate"), raw_deflate);
  EXPECT_EQ(chosen({gzip}, "gzip;q=0"), std::nullopt);
  EXPECT_EQ(chosen({gzip}, "gzip ; q=0.000"), std::nullopt);
  EXPECT_EQ(chosen({gzip}, "gzip;q=0.001"), gzip);
  EXPECT_EQ(chosen({gzip}, "deflate"), std::nullopt);
  EXPECT_EQ(chosen({gzip}, "xgzip"), std::nullopt);
  EXPECT_EQ(chosen({gzip, deflate}, "*"), deflate);
  EXPECT_EQ(chosen({gzip}, "*;q=0"), std::nullopt);
  EXPECT_EQ(chosen({gzip}, ""), std::nullopt);
  EXPECT_EQ(chosen({identity}, ""), identity);
  EXPECT_EQ(chosen({}, "gzip"), std::nullopt);
}

TEST_F(ChoiceTest, SparesOldBrowsers) {
  for (const char* agent : {"Mozilla/4.08", "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)"}) {
    request.headers.clear();
    request.headers.add("accept-encoding", "gzip");
    request.headers.add("user-agent", agent);
    EXPECT_EQ(choose({gzip}, request), std::nullopt) << agent;
  }
  request.headers.clear();
  request.headers.add("user-agent", "Mozilla/4.0 (compatible; MSIE 10.0; Windows NT 6.0)");
  request.headers.add("accept-encoding", "gzip");
  EXPECT_EQ(choose({gzip}, request), gzip);
}

TEST_F(ChoiceTest, PermitsWhatIsWorthIt) {
  EXPECT_TRUE(permitted());
  EXPECT_TRUE(permitted({"TEXT/", "image"}));
  EXPECT_FALSE(permitted({"image"}));
  EXPECT_FALSE(permitted({}, 101));
  EXPECT_TRUE(permitted({}, 100));
  answer.content_length = 0;
  EXPECT_FALSE(permitted());
  answer.body = http::BodyKind::chunked;
  EXPECT_TRUE(permitted());
  answer.body = http::BodyKind::until_close;
  EXPECT_FALSE(permitted());
}

TEST_F(ChoiceTest, LeavesAloneWhatMustNotChange) {
  for (const auto& [name, value] :
       {std::pair("content-encoding", "br"), std::pair("cache-control", "public, no-transform"),
        std::pair("etag", "abc"), std::pair("etag", "\"")}) {
    http::Head other(arena);
    other.status = 200;
    other.body = http::BodyKind::chunked;
    EXPECT_TRUE(permits(other, {}, 0));
    other.headers.add(name, value);
    EXPECT_FALSE(permits(other, {}, 0)) << name << ": " << value;
  }
  answer.status = 206;
  EXPECT_FALSE(permitted());
  answer.status = 203;
  answer.version = http::Version::http_1_0;
  EXPECT_FALSE(permitted());
}

TEST_F(ChoiceTest, SaysInTheHeadWhatWasDone) {
  answer.headers.add("content-length", "100", http::Token::content_length);
  answer.headers.add("etag", "\"a\"");
  edit(answer, gzip);
  EXPECT_EQ(answer.headers.find(http::Token::content_length), nullptr);
  EXPECT_EQ(answer.headers.find("etag")->value, "W/\"a\"");
  EXPECT_EQ(answer.headers.find("content-encoding")->value, "gzip");
  EXPECT_EQ(answer.headers.find("vary")->value, "Accept-Encoding");
  EXPECT_EQ(answer.headers.find("transfer-encoding")->value, "chunked");
}

}  // namespace
}  // namespace lbd::compression
