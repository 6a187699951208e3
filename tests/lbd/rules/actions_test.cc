// Each action, as a line of a configuration.
#include "tests/lbd/rules/fixture.h"
#include "tests/support/registry.h"

namespace lbd::rules {
namespace {

class ActionsTest : public RulesTest {
 protected:
  ActionsTest() {
    request("GET /dir/page?x=1&y HTTP/1.1\r\nHost: www.example\r\nX-List: a, b,c\r\nX-One: 1\r\nX-Other: 2\r\n\r\n");
    response("HTTP/1.1 200 OK\r\nServer: o\r\nContent-Length: 0\r\n\r\n");
  }
  std::string target(const std::string& line) {
    std::string_view before = request_->head.target;
    http_request(" http-request " + line);
    std::string made(request_->head.target);
    request_->head.target = before;
    return made;
  }
};

TEST_F(ActionsTest, RegistryIsSound) {
  support::expect_sound_registry<ActionRow>("action", 25);
}

TEST_F(ActionsTest, Verdicts) {
  EXPECT_EQ(http_request(" http-request allow"), Verdict::accept);
  EXPECT_EQ(http_request(" http-request reject"), Verdict::close);
  EXPECT_TRUE(outcome_.denied);
  EXPECT_EQ(http_request(" http-request silent-drop"), Verdict::silent_drop);
  EXPECT_EQ(run(rules(" tcp-request connection accept").tcp_connection), Verdict::accept);
  EXPECT_FALSE(outcome_.denied);
  EXPECT_EQ(run(rules(" tcp-request session reject").tcp_session), Verdict::close);
  EXPECT_EQ(run(rules(" tcp-response content silent-drop").tcp_response_content), Verdict::silent_drop);
}

TEST_F(ActionsTest, Deny) {
  EXPECT_EQ(http_request(" http-request deny"), Verdict::answer);
  EXPECT_TRUE(outcome_.denied);
  EXPECT_EQ(outcome_.cause, 'P');
  EXPECT_EQ(outcome_.reply->status, 403);
  EXPECT_NE(outcome_.reply->body.find("403 Forbidden"), std::string_view::npos);
  http_request(" http-request deny deny_status 429 hdr X-Why %[path]");
  EXPECT_EQ(outcome_.reply->status, 429);
  EXPECT_NE(reply().find("x-why: /dir/page\n"), std::string::npos);
  http_request(" http-request deny status 418 content-type text/x string teapot");
  EXPECT_EQ(reply(), "418\ncontent-length: 6\ncontent-type: text/x\n\nteapot");
  EXPECT_EQ(http_response(" http-response deny"), Verdict::answer);
  EXPECT_EQ(outcome_.reply->status, 502);
  EXPECT_EQ(http_request(" http-request tarpit"), Verdict::tarpit);
  EXPECT_EQ(outcome_.reply->status, 500);
  EXPECT_EQ(run(rules(" block if TRUE").http_request), Verdict::answer);
  EXPECT_EQ(outcome_.reply->status, 403);
}

TEST_F(ActionsTest, Return) {
  EXPECT_EQ(http_request(" http-request return"), Verdict::answer);
  EXPECT_EQ(reply(), "200\ncontent-length: 0\n\n");
  EXPECT_FALSE(outcome_.denied);
  EXPECT_EQ(outcome_.cause, 'L');
  http_request(" http-request return status 404 content-type text/plain lf-string \"no %[path]\" hdr X-A b");
  EXPECT_EQ(reply(), "404\nx-a: b\ncontent-length: 12\ncontent-type: text/plain\n\nno /dir/page");
  std::string path = testing::TempDir() + "tandem_return_body";
  FILE* file = std::fopen(path.c_str(), "w");
  ASSERT_TRUE(file);
  std::fputs("body %[path]\n", file);
  std::fclose(file);
  http_request(" http-request return content-type text/x file " + path);
  EXPECT_EQ(reply(), "200\ncontent-length: 13\ncontent-type: text/x\n\nbody %[path]\n");
  http_request(" http-request return content-type text/x lf-file " + path);
  EXPECT_EQ(reply(), "200\ncontent-length: 15\ncontent-type: text/x\n\nbody /dir/page\n");
  std::remove(path.c_str());
  EXPECT_EQ(http_response(" http-response return status 201"), Verdict::answer);
  EXPECT_EQ(outcome_.reply->status, 201);
}

TEST_F(ActionsTest, Redirect) {
  auto location = [&](const std::string& words) {
    EXPECT_EQ(http_request(" http-request redirect " + words), Verdict::answer);
    EXPECT_TRUE(outcome_.redirected);
    return std::to_string(outcome_.reply->status) + " " + std::string(outcome_.reply->headers.find("location")->value);
  };
  EXPECT_EQ(location("location /x%[path]"), "302 /x/dir/page");
  EXPECT_EQ(location("prefix https://other code 301"), "301 https://other/dir/page?x=1&y");
  EXPECT_EQ(location("prefix / drop-query"), "302 /dir/page");
  EXPECT_EQ(location("prefix /p append-slash"), "302 /p/dir/page/?x=1&y");
  EXPECT_EQ(location("scheme https code 308"), "308 https://www.example/dir/page?x=1&y");
  location("location / set-cookie SEEN");
  EXPECT_EQ(outcome_.reply->headers.find("set-cookie")->value, "SEEN; path=/;");
  location("location / clear-cookie SEEN=");
  EXPECT_EQ(outcome_.reply->headers.find("set-cookie")->value, "SEEN=; path=/; Max-Age=0;");
  location("location / code 301");
  EXPECT_EQ(outcome_.reply->headers.find("cache-control"), nullptr);
}

TEST_F(ActionsTest, Headers) {
  http_request(
      " http-request set-header X-One new\n http-request add-header X-Other more\n http-request del-header X-List");
  EXPECT_EQ(request_fields(), "host: www.example\nx-other: 2\nx-one: new\nx-other: more\n");
  http_request(" http-request del-header x-o -m beg");
  EXPECT_EQ(request_fields(), "host: www.example\n");
  // Where the message ends is not for rules to say.
  http_response(" http-response set-header Server p\n http-response del-header content-length");
  EXPECT_EQ(fields(response_->head.headers), "content-length: 0\nserver: p\n");
  run(rules(" http-after-response set-header X y\n http-after-response set-header Content-Length 5")
          .http_after_response);
  EXPECT_EQ(fields(response_->head.headers), "content-length: 0\nserver: p\nx: y\n");
}

TEST_F(ActionsTest, HeadersByRegex) {
  http_request(" http-request replace-header X-List '([a-z]), ([a-z])' '\\2+\\1'");
  EXPECT_EQ(request_->head.headers.find("x-list")->value, "b+a");
  http_request(" http-request set-header X-List 'a, b,c'\n http-request replace-value X-List '^(b)$' '<\\1%[method]>'");
  EXPECT_EQ(request_->head.headers.find("x-list")->value, "a,<bGET>,c");
  http_request(" http-request replace-header X-One nothing x");
  EXPECT_EQ(request_->head.headers.find("x-one")->value, "1");
  http_request(" http-request del-header '^x-' -m reg");
  EXPECT_EQ(request_fields(), "host: www.example\n");
}

TEST_F(ActionsTest, Targets) {
  EXPECT_EQ(target("set-path /new"), "/new?x=1&y");
  EXPECT_EQ(target("set-pathq /new?z"), "/new?z");
  EXPECT_EQ(target("set-query a=b"), "/dir/page?a=b");
  EXPECT_EQ(target("set-query %[str()]"), "/dir/page?");
  EXPECT_EQ(target("set-uri http://a/b"), "http://a/b");
  EXPECT_EQ(target("replace-path '/dir/(.*)' '/\\1/%[method]'"), "/page/GET?x=1&y");
  EXPECT_EQ(target("replace-path nothing x"), "/dir/page?x=1&y");
  EXPECT_EQ(target("replace-pathq '(.*)[?](.*)' '/\\2'"), "/x=1&y");
  EXPECT_EQ(target("replace-uri '^' 'http://h'"), "http://h");
  request("GET http://h:81/a?b HTTP/1.1\r\n\r\n");
  EXPECT_EQ(target("set-path /new"), "http://h:81/new?b");
  EXPECT_EQ(target("set-query c"), "http://h:81/a?c");
}

TEST_F(ActionsTest, StartLines) {
  http_request(" http-request set-method POST");
  EXPECT_EQ(request_->head.method, http::Method::post);
  http_request(" http-request set-method OWN");
  EXPECT_EQ(request_->head.method_text, "OWN");
  EXPECT_EQ(request_->head.method, http::Method::other);
  http_response(" http-response set-status 404");
  EXPECT_EQ(response_->head.status, 404);
  EXPECT_EQ(response_->head.reason, "Not Found");
  http_response(" http-response set-status 299 reason 'My Own'");
  EXPECT_EQ(response_->head.reason, "My Own");
  EXPECT_EQ(t_->status, 299);
}

TEST_F(ActionsTest, Variables) {
  http_request(
      " http-request set-var(txn.a) path,length\n http-request set-var(req.b) req.hdr(none)\n"
      " http-request set-var-fmt(txn.c) \"%[method] %[path]\"\n http-request set-var(sess.d) str(kept)\n"
      " http-request set-var(proc.e) int(5)");
  EXPECT_EQ(var("txn.a"), "int 9");
  EXPECT_EQ(var("req.b"), "-");
  EXPECT_EQ(var("txn.c"), "str GET /dir/page");
  EXPECT_EQ(session_.vars.find(*expr::parse_var_name("sess.d"))->view(), "kept");
  expr::Value value;
  EXPECT_TRUE(process_vars_.get(*expr::parse_var_name("proc.e"), value, arena_));
  http_request(" http-request unset-var(txn.a)\n http-request unset-var(sess.d)\n http-request unset-var(proc.e)");
  EXPECT_EQ(var("txn.a"), "-");
  EXPECT_EQ(session_.vars.find(*expr::parse_var_name("sess.d")), nullptr);
  EXPECT_FALSE(process_vars_.get(*expr::parse_var_name("proc.e"), value, arena_));
}

TEST_F(ActionsTest, LogLevel) {
  http_request(" http-request set-log-level silent");
  EXPECT_EQ(t_->log_level, -1);
  http_request(" http-request set-log-level err");
  EXPECT_EQ(t_->log_level, 3);
}

}  // namespace
}  // namespace lbd::rules
