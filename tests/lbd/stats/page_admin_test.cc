#include "lbd/stats/page_admin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/lbd/stats/stats_fixture.h"

namespace lbd::stats {
namespace {

using testing::ElementsAre;

struct FakeAdmin final : ServerAdmin {
  bool administer(server::Server& server, std::string_view action) override {
    done.push_back(server.name() + " " + std::string(action));
    return action != "idle";
  }
  bool knows(std::string_view action) const override { return action == "drain" || action == "idle"; }
  std::vector<std::string> done;
};

class PageAdminTest : public testing::Test, public StatsFixture {
 protected:
  void SetUp() override {
    config::Proxy& web = proxy("web", false, true);
    server(web, "s 1", 8081);
    server(web, "s2", 8082);
    run();
  }
  std::string_view apply(std::string body) {
    PageRequest request;
    request.body = std::move(body);
    request.admin = admin_;
    request.foreign = foreign_;
    request.body_cut = cut_;
    ProcessFacts facts;
    IdleMeter idle;
    return apply_form(request, {facts, *source, idle, pair, start, &fake_});
  }
  FakeAdmin fake_;
  bool admin_ = true, foreign_ = false, cut_ = false;
};

TEST_F(PageAdminTest, ChangesTheServersThatAreNamed) {
  EXPECT_EQ(apply("s=s+1&s=s2&action=drain&b=web"), "DONE");
  EXPECT_EQ(apply("action=drain&b=%232&s=%732"), "DONE");
  EXPECT_THAT(fake_.done, ElementsAre("s 1 drain", "s2 drain", "s2 drain"));
}

TEST_F(PageAdminTest, SaysWhatIsWrong) {
  EXPECT_EQ(apply(""), "NONE");
  EXPECT_EQ(apply("b=web&action=drain"), "NONE");
  EXPECT_EQ(apply("b=web&action=idle&s=s2"), "NONE");
  EXPECT_EQ(apply("b=web&action=nix&s=s2"), "ERRP");
  EXPECT_EQ(apply("b=nix&action=drain&s=s2"), "ERRP");
  EXPECT_EQ(apply("b=%23x&action=drain&s=s2"), "ERRP");
  EXPECT_EQ(apply("b=web&action=drain&s=nix"), "ERRP");
  EXPECT_EQ(apply("b=web&action=drain&s=nix&s=s2"), "PART");
  EXPECT_EQ(apply("&&=%&%zz&b"), "NONE");
  cut_ = true;
  EXPECT_EQ(apply("b=web&action=drain&s=s2"), "EXCD");
}

TEST_F(PageAdminTest, OnlyForAdministratorsOfThisSite) {
  foreign_ = true;
  EXPECT_EQ(apply("b=web&action=drain&s=s2"), "DENY");
  foreign_ = admin_ = false;
  EXPECT_EQ(apply("b=web&action=drain&s=s2"), "DENY");
  EXPECT_TRUE(fake_.done.empty());
}

}  // namespace
}  // namespace lbd::stats
