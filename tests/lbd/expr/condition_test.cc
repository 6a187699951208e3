#include "lbd/expr/condition.h"

#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

class ConditionTest : public ExprTest {
 protected:
  ConditionTest() {
    request("GET /api/x?a=1 HTTP/1.1\r\nHost: Www.example\r\nContent-Length: 3\r\n\r\nabc");
    acl("acl yes always_true");
    acl("acl no always_false");
    acl("acl api path_beg /api");
  }
};

TEST_F(ConditionTest, AndOrNot) {
  EXPECT_EQ(holds("if yes"), "yes");
  EXPECT_EQ(holds("if no"), "no");
  EXPECT_EQ(holds("unless no"), "yes");
  EXPECT_EQ(holds("unless yes"), "no");
  EXPECT_EQ(holds("if yes yes"), "yes");
  EXPECT_EQ(holds("if yes no"), "no");
  EXPECT_EQ(holds("if no or yes"), "yes");
  EXPECT_EQ(holds("if no || yes"), "yes");
  EXPECT_EQ(holds("if no no or yes no"), "no");
  EXPECT_EQ(holds("if yes no or yes"), "yes");
  EXPECT_EQ(holds("if !no"), "yes");
  EXPECT_EQ(holds("if ! no"), "yes");
  EXPECT_EQ(holds("if !!yes"), "yes");
  EXPECT_EQ(holds("if yes !no or no"), "yes");
  EXPECT_EQ(holds("unless yes no"), "yes");
  EXPECT_EQ(holds("if { path /api/x } api"), "yes");
  EXPECT_EQ(holds("if !{ path /api/x }"), "no");
}

TEST_F(ConditionTest, OneNameSeveralTimesIsAnOr) {
  acl("acl either path /a");
  EXPECT_EQ(holds("if either"), "no");
  acl("acl either path /api/x");
  EXPECT_EQ(holds("if either"), "yes");
  EXPECT_EQ(holds("if !either"), "no");
  ASSERT_NE(acls_.find("either"), nullptr);
  EXPECT_EQ(acls_.find("either")->size(), 2u);
  EXPECT_EQ(acls_.find("neither"), nullptr);
}

TEST_F(ConditionTest, WhatIsNotThereYet) {
  t_->payload = "";
  t_->payload_final = false;
  EXPECT_EQ(holds("if WAIT_END", phase::kFrontContent), "later");
  EXPECT_EQ(holds("if !WAIT_END", phase::kFrontContent), "later");
  EXPECT_EQ(holds("unless WAIT_END", phase::kFrontContent), "later");
  EXPECT_EQ(holds("if no WAIT_END", phase::kFrontContent), "no");
  EXPECT_EQ(holds("if yes WAIT_END", phase::kFrontContent), "later");
  EXPECT_EQ(holds("if yes or WAIT_END", phase::kFrontContent), "yes");
  EXPECT_EQ(holds("if WAIT_END or yes", phase::kFrontContent), "later");
}

TEST_F(ConditionTest, Errors) {
  EXPECT_EQ(holds("if"), "error: a condition is missing here");
  EXPECT_EQ(holds("when yes"), "error: 'if' or 'unless' is expected here, not 'when'");
  EXPECT_EQ(holds("if yes or"), "error: a condition is missing here");
  EXPECT_EQ(holds("if or yes"), "error: a condition is missing here");
  EXPECT_EQ(holds("if !"), "error: a condition is missing here");
  EXPECT_EQ(holds("if yes !"), "error: a condition is missing here");
  EXPECT_EQ(holds("if yess"), "error: no such acl: 'yess'");
  EXPECT_EQ(diagnostics_.all().front().hint, "did you mean 'yes'?");
  EXPECT_EQ(holds("if { path"), "error: this '{' has no '}' with blanks around it");
  EXPECT_EQ(holds("if { }"), "error: an anonymous acl needs a criterion");
  EXPECT_EQ(holds("if { nothing x }"), "error: unknown sample fetch 'nothing'");
  EXPECT_EQ(holds("if { path -m nothing x }"), "error: unknown match method 'nothing'");
  EXPECT_EQ(holds("if { path -m }"), "error: '-m' needs an argument");
  EXPECT_EQ(holds("if { dst_port x }"), "error: 'x' is not a number");
  EXPECT_EQ(holds("if { src x }"), "error: 'x' is not a valid IPv4 or IPv6 address");
  EXPECT_EQ(holds("if { method -m ip 127.0.0.1 }"), "error: type meth cannot be matched with '-m ip'");
  EXPECT_EQ(holds("if { req.body x }"), "error: how this is matched must be said: it is of type binary");
  EXPECT_EQ(holds("if { src,bytes(0,1) }"), "error: how this is matched must be said: it is of type binary");
  EXPECT_EQ(holds("if { var(txn.x) x }"), "error: how this is matched must be said: it may be of any type");
  EXPECT_EQ(holds("if { path -f /nothing/here }").substr(0, 29), "error: cannot read patterns: ");
  EXPECT_EQ(holds("if { path -x y }"), "error: unknown flag '-x'");
  EXPECT_EQ(holds("if { path -i -m beg -f /dev/null -m end }"), "error: '-m' must stand before files and patterns");
  EXPECT_EQ(holds("if { path -u x y }"), "error: '-u' needs a number");
  EXPECT_EQ(holds("if { path -u 5 /y } { path -u 5 /z }"), "error: the number 5 is used by another ACL");
  acl("acl");
  EXPECT_EQ(complaint(), "error: acl needs a name and a criterion");
  acl("acl or path /");
  EXPECT_EQ(complaint(), "error: 'or' cannot be the name of an acl");
}

TEST_F(ConditionTest, WhatCannotMatchIsWarnedOf) {
  EXPECT_EQ(holds("if { status 200 }"), "no");
  EXPECT_EQ(complaint(),
            "error: this acl will never match because 'status' does not exist in a frontend http-request header rule");
  EXPECT_FALSE(diagnostics_.has_errors());
  EXPECT_EQ(holds("if !{ status 200 }"), "yes");
  acl("acl ok status 200");
  EXPECT_EQ(holds("if ok"), "no");
  EXPECT_EQ(complaint(),
            "error: acl 'ok' will never match because it needs what does not exist in a frontend http-request header "
            "rule: status");
  acl("acl ok path /api/x");
  EXPECT_EQ(holds("if ok"), "yes");
  EXPECT_EQ(complaint(),
            "error: acl 'ok' involves 'status', which does not exist in a frontend http-request header rule");
  EXPECT_EQ(holds("if { path }"), "no");
  EXPECT_EQ(complaint(), "error: 'path' is given no pattern to match against, so this ACL never matches");
  EXPECT_EQ(holds("if { path -- }"), "no");
  EXPECT_TRUE(diagnostics_.all().empty());
  EXPECT_EQ(holds("if { dst_port ne 8080 }"), "yes");
  EXPECT_EQ(diagnostics_.all().front().severity, cfg::Severity::advice);
}

TEST_F(ConditionTest, WhatIsToldOnlyToThoseWhoAsk) {
  auto told = [&](const std::string& criterion) {
    holds("if { " + criterion + " }");
    std::string text;
    for (const cfg::Diagnostic& one : diagnostics_.all())
      text += std::string(one.severity == cfg::Severity::diag ? "diag" : "advice") + ": " + one.text;
    EXPECT_FALSE(diagnostics_.has_warnings());
    return text;
  };
  EXPECT_EQ(told("always_true"), "diag: this condition always holds");
  EXPECT_EQ(told("str(a) -m str b"), "diag: this condition never holds");
  EXPECT_EQ(told("path_beg api"), "advice: no path begins with 'api': this pattern never matches");
  EXPECT_EQ(told("path /api?x"), "advice: a path holds no '?': '/api?x' never matches");
  EXPECT_EQ(told("method get"), "advice: 'get' is not the method GET: this pattern does not match it");
  EXPECT_EQ(told("src 10.0.0.1/8"), "advice: what is behind the mask of '10.0.0.1/8' is not looked at");
  const std::string never = "advice: this never holds together with what stands before it in this condition";
  EXPECT_EQ(told("path /a } { path /b"), never);
  EXPECT_EQ(told("path_beg /a } { method GET } { path_beg -i /b /c"), never);
  EXPECT_EQ(told("path_beg /a/ } { path /a"), never);
  EXPECT_EQ(told("method GET } { method POST"), never);
  EXPECT_EQ(told("path /a } METH_GET METH_POST { path /a"), never);
  acl("acl one path /a");
  acl("acl one path /b");
  EXPECT_EQ(told("path /c } one !one { path /c"), never + never + never);
  for (const char* fine :
       {"path /a } { path /a", "path_beg /a } { path_beg /a/b", "path_beg /a } { path /a/x", "path /a } || { path /b",
        "path /a } !{ path /b", "req.hdr(host) a } { req.hdr(host) b", "path_end /a } { path_end /b",
        "path /A } { path -i /a", "path,lower /a } { path /b", "url_param(a) x } { url_param(b) y", "method get_it",
        "method -i get", "LOCALHOST } { path /", "src 10.0.0.0/8", "src 10/8", "src 192.0.2.1",
        "path /b } one { path /b"}) {
    std::string text = fine;
    if (text.starts_with("LOCALHOST")) text = "path / } LOCALHOST { path /";
    EXPECT_EQ(told(text), "") << fine;
  }
  for (const char* fine : {"path_beg /api", "path *", "path_sub api", "path_reg api", "pathq /a?b",
                           "path,upper -m beg A", "path_dir api?", "url_beg http"})
    EXPECT_EQ(told(fine), "");
}

TEST_F(ConditionTest, CriteriaAndFlags) {
  EXPECT_EQ(holds("if { path /api/x }"), "yes");
  EXPECT_EQ(holds("if { path /a /b /api/x }"), "yes");
  EXPECT_EQ(holds("if { path_end x }"), "yes");
  EXPECT_EQ(holds("if { path -m end x }"), "yes");
  EXPECT_EQ(holds("if { path,upper -m beg /API }"), "yes");
  EXPECT_EQ(holds("if { path_beg,upper /API }"), "no");
  EXPECT_EQ(holds("if { path_beg,upper /API/X }"), "yes");
  EXPECT_EQ(holds("if { src localhost 192.0.2.1 }"), "yes");
  EXPECT_EQ(holds("if { src -n localhost }"), "error: 'localhost' is not a valid IPv4 or IPv6 address");
  EXPECT_EQ(holds("if { req.hdr(host) -i www.EXAMPLE }"), "yes");
  EXPECT_EQ(holds("if { req.hdr(host) www.example }"), "no");
  EXPECT_EQ(holds("if { hdr_dom(host) -i example }"), "yes");
  EXPECT_EQ(holds("if { req.hdr(host) -m dom -i example }"), "yes");
  EXPECT_EQ(holds("if { path -- -i }"), "no");
  EXPECT_EQ(holds("if { path -i -- /API/X }"), "yes");
  EXPECT_EQ(holds("if { path -m found }"), "yes");
  EXPECT_EQ(holds("if { req.hdr(none) -m found }"), "no");
  EXPECT_EQ(holds("if { req.hdr(none) }"), "no");
  EXPECT_EQ(holds("if { req.hdr(content-length) -m int gt 2 }"), "yes");
  EXPECT_EQ(holds("if { req.hdr_val(content-length) ge 3 le 5 }"), "yes");
  EXPECT_EQ(holds("if { req.hdr_val(content-length) gt 3 }"), "no");
  EXPECT_EQ(holds("if { path -m len 6 }"), "yes");
  EXPECT_EQ(holds("if { path -m bin 2f6170692f78 }"), "yes");
  EXPECT_EQ(holds("if { req.hdr_cnt(host) -m bool }"), "yes");
  EXPECT_EQ(holds("if { path_reg ^/[a-z]+/x$ }"), "yes");
  EXPECT_EQ(holds("if { path_dir api }"), "yes");
  EXPECT_EQ(holds("if { path_sub pi/ }"), "yes");
  EXPECT_EQ(holds("if { src 192.0.2.0/24 }"), "yes");
  EXPECT_EQ(holds("if { url_beg /api }"), "yes");
}

TEST_F(ConditionTest, PatternsFromFiles) {
  std::string path = testing::TempDir() + "tandem_condition_patterns";
  FILE* file = std::fopen(path.c_str(), "w");
  ASSERT_TRUE(file);
  std::fputs("# what it is\n\n  /api/x\r\n/other\n", file);
  std::fclose(file);
  EXPECT_EQ(holds("if { path -f " + path + " }"), "yes");
  EXPECT_EQ(holds("if { path_beg -i -f " + path + " /none }"), "yes");
  EXPECT_EQ(holds("if { path,upper -f " + path + " }"), "no");
  EXPECT_EQ(holds("if { path,upper -f " + path + " -i -f " + path + " }"), "yes");
  EXPECT_EQ(holds("if { path -M -f " + path + " }"),
            "error: the file '" + path + "' is already used as a list of patterns");
  EXPECT_EQ(holds("if { dst_port -f " + path + " }"), "error: " + path + ":3: '/api/x' is not a number");
  std::remove(path.c_str());
}

TEST_F(ConditionTest, Predefined) {
  for (const char* name : {"TRUE", "HTTP", "HTTP_1.1", "HTTP_CONTENT", "HTTP_URL_SLASH", "METH_GET"})
    EXPECT_EQ(holds(std::string("if ") + name), "yes") << name;
  for (const char* name :
       {"FALSE", "HTTP_1.0", "HTTP_2.0", "HTTP_URL_ABS", "HTTP_URL_STAR", "LOCALHOST", "METH_CONNECT", "METH_DELETE",
        "METH_HEAD", "METH_OPTIONS", "METH_POST", "METH_PUT", "METH_TRACE"})
    EXPECT_EQ(holds(std::string("if ") + name), "no") << name;
  session_.src.ip = *base::IpAddr::parse("::1");
  fresh();
  EXPECT_EQ(holds("if LOCALHOST"), "yes");
  request("HEAD http://a/ HTTP/1.0\r\n\r\n");
  for (const char* name : {"METH_GET", "METH_HEAD", "HTTP_URL_ABS", "HTTP_1.0"})
    EXPECT_EQ(holds(std::string("if ") + name), "yes") << name;
  EXPECT_EQ(holds("if HTTP_CONTENT"), "no");
}

}  // namespace
}  // namespace lbd::expr
