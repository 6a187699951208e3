#include "lbd/config/added_backend.h"

#include <gtest/gtest.h>

#include "tests/support/load_config.h"

namespace lbd::config {
namespace {

class AddedBackendTest : public testing::Test {
 protected:
  AddedBackendTest()
      : loaded_(support::load_config("defaults base\n mode http\n timeout server 5s\n timeout connect 7s\n"
                                     " balance leastconn\n acl inner path /inner\n"
                                     " http-request deny if inner\n default-server maxconn 12\n"
                                     "defaults bad\n mode http\n errorfiles none\n"
                                     "backend app from base\n server s 127.0.0.1:80\n")) {}
  std::string refusal(const AddedBackendLine& line) {
    const auto made = make_added_backend(*loaded_.config, line);
    return made ? "made" : made.error().text;
  }
  support::LoadedConfig loaded_;
};

TEST_F(AddedBackendTest, IsWhatASectionWouldBe) {
  auto made = make_added_backend(*loaded_.config, {"new", "base", "", "the:guid"});
  ASSERT_TRUE(made) << made.error().text;
  const Proxy &proxy = made->proxy(), &like = loaded_.proxy();
  EXPECT_EQ(proxy.name, "new");
  EXPECT_EQ(proxy.guid, "the:guid");
  EXPECT_EQ(proxy.defaults_name, "base");
  EXPECT_TRUE(proxy.backend && !proxy.frontend && !proxy.is_defaults);
  EXPECT_EQ(proxy.mode, Mode::http);
  EXPECT_EQ(proxy.balance.algorithm, "leastconn");
  EXPECT_EQ(proxy.timeouts.connect, like.timeouts.connect);
  EXPECT_EQ(proxy.default_server.maxconn, 12u);
  ASSERT_EQ(proxy.rules.size(), like.rules.size());
  EXPECT_TRUE(proxy.rules[0].from_defaults);
  EXPECT_TRUE(proxy.servers.empty());
  // The configuration of the process is as it was.
  EXPECT_EQ(loaded_.config->proxies.size(), 1u);
  EXPECT_EQ(loaded_.config->find_backend("new"), nullptr);
}

TEST_F(AddedBackendTest, TheModeMayBeAnother) {
  auto made = make_added_backend(*loaded_.config, {"new", "base", "tcp", ""});
  ASSERT_TRUE(made) << made.error().text;
  EXPECT_EQ(made->proxy().mode, Mode::tcp);
}

TEST_F(AddedBackendTest, Refusals) {
  EXPECT_EQ(refusal({"new", "none", "", ""}), "Cannot find default proxy 'none'.");
  EXPECT_EQ(refusal({"new", "base", "udp", ""}), "'mode' expects 'tcp' or 'http', not 'udp'");
  EXPECT_EQ(refusal({"new", "bad", "", ""}), "unable to find the http-errors section 'none'");
  EXPECT_EQ(refusal({"new/x", "base", "", ""}), "character '/' is not permitted in backend name 'new/x'");
  for (const char* name : {"a b", "a\nserver x 1.2.3.4", "${HOME}", "'a", "#a", "a\\"})
    EXPECT_EQ(refusal({name, "base", "", ""}), std::string("'") + name + "' has a character that is not permitted.");
  EXPECT_EQ(refusal({"new", "base", "", "a b"}), "'a b' has a character that is not permitted.");
  EXPECT_EQ(refusal({"new", "base", "", "a"}), "made");
}

}  // namespace
}  // namespace lbd::config
