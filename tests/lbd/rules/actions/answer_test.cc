// deny, tarpit, return and http-error: every way to describe an answer, and what is refused.
#include <cstdio>

#include "tests/lbd/rules/fixture.h"

namespace lbd::rules {
namespace {

class AnswerTest : public RulesTest {
 protected:
  AnswerTest() {
    request("GET /dir HTTP/1.1\r\nHost: a\r\n\r\n");
    file_ = testing::TempDir() + "tandem_answer_page";
    FILE* file = std::fopen(file_.c_str(), "w");
    std::fputs("HTTP/1.1 403 Not you\r\nX-Page: yes\r\nContent-Length: 4\r\n\r\npage", file);
    std::fclose(file);
  }
  ~AnswerTest() override { std::remove(file_.c_str()); }
  std::string answer(const std::string& line, const std::string& before = "") {
    run(rules(" http-request " + line, before).http_request);
    return reply();
  }
  std::string file_;
};

TEST_F(AnswerTest, PagesOfTheSection) {
  EXPECT_EQ(answer("deny").substr(0, 3), "403");
  EXPECT_EQ(answer("return status 503 default-errorfiles").substr(0, 3), "503");
  EXPECT_EQ(answer("return status 503 errorfile " + file_), "403\nx-page: yes\ncontent-length: 4\n\npage");
  EXPECT_EQ(outcome_.reply->stands_for, 503);
  const std::string set = "http-errors pages\n errorfile 403 " + file_ + "\n";
  EXPECT_EQ(answer("deny errorfiles pages", set), "403\nx-page: yes\ncontent-length: 4\n\npage");
  EXPECT_EQ(answer("deny status 500 errorfiles pages", set).substr(0, 3), "500");
}

TEST_F(AnswerTest, DescribedErrors) {
  EXPECT_EQ(answer("deny\n http-error status 403 content-type text/x lf-string \"no %[path]\" hdr X-A %[method]"),
            "403\nx-a: GET\ncontent-length: 7\ncontent-type: text/x\n\nno /dir");
  EXPECT_EQ(rules_->errors.find(403), nullptr);
  EXPECT_EQ(answer("deny\n http-error status 403 errorfile " + file_), "403\nx-page: yes\ncontent-length: 4\n\npage");
  EXPECT_EQ(complaint_about(" http-error content-type text/x string t"), "'http-error' needs a status");
}

TEST_F(AnswerTest, WhatIsRefused) {
  auto refused = [&](const std::string& words) { return complaint_about(" http-request " + words); };
  EXPECT_EQ(refused("return string t"), "a body needs a content-type");
  EXPECT_EQ(refused("return status 204 content-type text/x string t"), "an answer of status 204 has no body");
  EXPECT_EQ(refused("return content-type text/x string t default-errorfiles"), "the body is described twice");
  EXPECT_EQ(refused("return errorfiles nowhere"), "there is no http-errors section 'nowhere'");
  EXPECT_EQ(refused("return status 418 default-errorfiles"), "status 418 has no error page");
  EXPECT_EQ(refused("return status 601"), "a status is a number from 200 to 599");
  EXPECT_EQ(refused("deny deny_status 418"), "this status has no error page");
  EXPECT_EQ(refused("return nonsense"), "'nonsense' is not a word of 'return'");
  EXPECT_NE(refused("return errorfile /none").find("cannot read"), std::string::npos);
}

}  // namespace
}  // namespace lbd::rules
