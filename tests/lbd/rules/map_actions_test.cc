// set-map, del-map, add-acl, del-acl, together with the conditions and converters that see the change.
#include <cstdio>

#include "lbd/expr/pattern_files.h"
#include "tests/lbd/rules/fixture.h"

namespace lbd::rules {
namespace {

class MapActionsTest : public RulesTest {
 protected:
  MapActionsTest() { request("GET /page HTTP/1.1\r\nHost: h\r\nX-Key: k\r\nX-Value: v\r\n\r\n"); }
  // The rules with lists that they share.
  const ProxyRules& shared(const std::string& lines) {
    section_ = support::load_http("listen l\n bind 127.0.0.1:8080\n" + lines + "\n");
    made_ = lbd::rules::compile(*section_.config->proxies[0], *section_.config, section_.diagnostics, &files_);
    files_.finish(section_.diagnostics);
    said_ = section_.said();
    return *made_;
  }
  std::string seen() {
    std::string out;
    for (const http::Header& field : request_->head.headers)
      if (!field.removed() && field.name == "seen") out += std::string(field.value) + " ";
    return out;
  }
  expr::PatternFiles files_;
  std::unique_ptr<ProxyRules> made_;
};

TEST_F(MapActionsTest, MapsChangeAtRunTime) {
  const ProxyRules& rules = shared(
      " http-request add-header seen %[req.hdr(x-key),map(virt@m,none)]\n"
      " http-request set-map(virt@m) %[req.hdr(x-key)] %[req.hdr(x-value)]-%[method]\n"
      " http-request add-header seen %[req.hdr(x-key),map(virt@m,none)]\n"
      " http-request set-map(virt@m) %[req.hdr(x-key)] again\n"
      " http-request add-header seen %[req.hdr(x-key),map(virt@m,none)]\n"
      " http-request del-map(virt@m) k\n"
      " http-request add-header seen %[req.hdr(x-key),map(virt@m,none)]\n");
  EXPECT_EQ(said_, "");
  EXPECT_EQ(run(rules.http_request), Verdict::next);
  EXPECT_EQ(seen(), "none v-GET again none ");
  EXPECT_EQ(files_.find("virt@m")->count(), 0u);
}

TEST_F(MapActionsTest, ListsChangeAtRunTime) {
  const ProxyRules& rules = shared(
      " acl known req.hdr(x-key) -f virt@l\n"
      " http-request add-header seen before if known\n"
      " http-request add-acl(virt@l) %[req.hdr(x-key)]\n"
      " http-request add-acl(virt@l) %[req.hdr(x-key)]\n"
      " http-request add-header seen added if known\n"
      " http-request del-acl(virt@l) %[req.hdr(x-key)] if known\n"
      " http-request add-header seen after if known\n");
  EXPECT_EQ(said_, "");
  EXPECT_EQ(run(rules.http_request), Verdict::next);
  EXPECT_EQ(seen(), "added ");
}

TEST_F(MapActionsTest, InAnswersToo) {
  response("HTTP/1.1 200 OK\r\nX-Key: r\r\n\r\n");
  const ProxyRules& rules = shared(
      " http-response set-map(virt@m) %[res.hdr(x-key)] 1\n"
      " http-after-response set-map(virt@m) late 2\n"
      " http-request set-header x %[str(a),map_str_int(virt@m,0)]\n"
      " http-request set-map(virt@m) bad value\n");
  EXPECT_EQ(said_, "");
  run(rules.http_response);
  run(rules.http_after_response);
  run(rules.http_request);
  EXPECT_EQ(files_.find("virt@m")->count(), 2u);
}

TEST_F(MapActionsTest, WhatIsWrong) {
  EXPECT_EQ(complaint_about(" http-request set-map k v"), "the name of the file is missing");
  EXPECT_EQ(complaint_about(" http-request set-map(f) k"), "'set-map(f)' needs a value");
  EXPECT_EQ(complaint_about(" http-request add-acl(f) k v"), "too many words for 'add-acl'");
  EXPECT_EQ(complaint_about(" tcp-request content del-acl(f) k"), "'del-acl' cannot stand in tcp-request");
  shared(" http-request set-map(/nowhere) k v");
  ASSERT_EQ(section_.diagnostics.all().size(), 1u);
  EXPECT_EQ(section_.diagnostics.all()[0].text,
            "no ACL and no map uses the file '/nowhere': this rule changes nothing");
  EXPECT_FALSE(section_.diagnostics.has_warnings());
}

}  // namespace
}  // namespace lbd::rules
