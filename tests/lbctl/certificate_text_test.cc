#include "lbctl/certificate_text.h"

#include <gtest/gtest.h>

namespace lbctl {
namespace {

constexpr int64_t kNow = 1'800'000'000, kDay = 86400;
constexpr base::WallTime kWall{base::Seconds(kNow)};

std::vector<NodeCertificates> nodes() {
  NodeCertificates node{"lb1", "", {}};
  node.list.set_count(9);
  node.list.set_matching(3);
  Certificate& one = *node.list.add_certificates();
  one.set_path("/etc/a.pem");
  one.set_subject("a.example");
  one.set_issuer("R11");
  for (const char* name : {"a.example", "b.example", "c.example"}) one.add_names(name);
  one.set_name_count(5);
  one.set_digest("\x01\xff");
  one.set_begins(kNow - kDay);
  one.set_ends(kNow + 9 * kDay);
  auto& use = *one.add_uses();
  use.set_proxy("web");
  use.set_line("*:443");
  use.set_place("lbd.cfg:12");
  use.set_list("/etc/list:3");
  use.set_fallback(true);
  one.set_use_count(2);
  Certificate& empty = *node.list.add_certificates();
  empty.set_path("/etc/b\x1b.pem");
  return {node, {"lb2", "not linked", {}}};
}

TEST(CertificateText, AList) {
  auto both = nodes();
  both[0].list.mutable_certificates()->RemoveLast();
  EXPECT_EQ(render_list(both, 14, kWall),
            "certificate  state           not after                subject    names                    issuer  shown by"
            "                    on\n"
            "/etc/a.pem   ends in 9 days  2027-01-24 08:00:00 UTC  a.example  a.example, b.example +3  R11     "
            "web *:443 (/etc/list:3) +1  lb1\n"
            "lb1 has 2 more, which end later\n"
            "lb2 tells nothing of its certificates: not linked\n");
  EXPECT_NE(render_list(nodes(), 14, kWall).find("\n/etc/b?.pem  is not there yet  "), std::string::npos);
  EXPECT_EQ(render_list({{"lb1", "", {}}}, 14, kWall), "there are none\n");
}

TEST(CertificateText, Details) {
  auto both = nodes();
  both.resize(1);
  Certificate& one = *both[0].list.mutable_certificates(0);
  one.mutable_details()->set_subject("/CN=a.example");
  one.mutable_details()->set_issuer("/CN=R11");
  one.mutable_details()->set_serial("0a");
  one.mutable_details()->set_key("EC256");
  one.mutable_details()->add_chain("/CN=R11");
  one.set_replaced(kNow);
  both[0].list.mutable_certificates()->RemoveLast();
  both[0].list.set_matching(1);
  EXPECT_EQ(render_details(both, 14, kWall),
            "/etc/a.pem: ends in 9 days\n"
            "  on          lb1\n"
            "  subject     /CN=a.example\n"
            "  issuer      /CN=R11\n"
            "  names       a.example, b.example, c.example\n"
            "  not before  2027-01-14 08:00:00 UTC\n"
            "  not after   2027-01-24 08:00:00 UTC\n"
            "  key         EC256\n"
            "  serial      0a\n"
            "  SHA-256     01ff\n"
            "  chain       /CN=R11\n"
            "  set         at run time, 2027-01-15 08:00:00 UTC; the file may have another one\n"
            "  shown by    web *:443, lbd.cfg:12, by /etc/list:3, also for unknown names\n");
}

TEST(CertificateText, Json) {
  const std::string json = render_certificates_json(nodes(), 14, kWall);
  EXPECT_NE(
      json.find(R"({"nodes":[{"node":"lb1","count":9,"matching":3,"told":2},{"node":"lb2","error":"not linked"}])"),
      std::string::npos)
      << json;
  EXPECT_NE(json.find(R"({"path":"/etc/b\u001b.pem","nodes":["lb1"],"differs":false,"state":"empty")"),
            std::string::npos)
      << json;
  EXPECT_NE(json.find(R"("state":"near end","note":"ends in 9 days","subject":"a.example","issuer":"R11")"),
            std::string::npos)
      << json;
  EXPECT_NE(json.find(R"("days_left":9,"sha256":"01ff")"), std::string::npos) << json;
  EXPECT_NE(json.find(R"({"proxy":"web","bind":"*:443","place":"lbd.cfg:12","crt_list":"/etc/list:3","default":true})"),
            std::string::npos)
      << json;
  auto past = nodes();
  past[0].list.mutable_certificates(0)->set_ends(kNow - 1);
  EXPECT_NE(render_certificates_json(past, 14, kWall).find(R"("days_left":-1)"), std::string::npos);
}

}  // namespace
}  // namespace lbctl
