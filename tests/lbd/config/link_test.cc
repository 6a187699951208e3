#include "lbd/config/link.h"

#include <gtest/gtest.h>

#include "tests/support/load_config.h"

namespace lbd::config {
namespace {

using support::load_http;
using support::LoadedConfig;

TEST(LinkTest, DefaultBackends) {
  LoadedConfig loaded = load_http("frontend f\n bind :80\n default_backend f\nbackend f\n");
  EXPECT_EQ(loaded.proxy(0).default_backend, &loaded.proxy(1)) << "a frontend and a backend may share a name";
  EXPECT_TRUE(load_http("frontend f\n bind :80\n default_backend bakc\nbackend back\n").says("did you mean 'back'?"));
}

TEST(LinkTest, IdsAreHaproxys) {
  LoadedConfig loaded = load_http(
      "frontend a\n bind :80\n bind :81 id 1\n bind :82\nfrontend b\n bind :83\n id 1\nbackend c\n"
      " server x 1.1.1.1:1 id 2\n server y 1.1.1.1:1\n server z 1.1.1.1:1\n");
  EXPECT_EQ(loaded.said(), "");
  EXPECT_EQ(loaded.proxy(0).id, 2u);
  EXPECT_EQ(loaded.proxy(1).id, 1u);
  EXPECT_EQ(loaded.proxy(2).id, 4u) << "one that has an id passes the next number over";
  EXPECT_EQ(loaded.bind(0).addresses[0].number, 2u);
  EXPECT_EQ(loaded.bind(1).addresses[0].number, 1u);
  EXPECT_EQ(loaded.bind(2).addresses[0].number, 4u);
  EXPECT_TRUE(loaded.proxy(1).own_id);
  EXPECT_FALSE(loaded.proxy(0).own_id);
  EXPECT_EQ(loaded.server(1, 2).id, 3u);
  EXPECT_EQ(loaded.server(2, 2).id, 4u);
  EXPECT_EQ(load_http("global\n stats socket /run/x\nfrontend a\n bind :80\n").proxy(0).id, 2u)
      << "the runtime socket is the first proxy";
}

TEST(LinkTest, ErrorPagesInTheOrderOfTheFile) {
  LoadedConfig loaded = load_http(
      "frontend f\n bind :80\n errorfile 400 /own400\n errorfiles set\n errorfile 503 /own503\n errorloc303 403 /no\n"
      "frontend g\n bind :81\n errorfiles set 503\n"
      "http-errors set\n errorfile 400 /set400\n errorfile 503 /set503\n");
  EXPECT_EQ(loaded.said(), "");
  const auto& errors = loaded.proxy(0).errors;
  EXPECT_EQ(errors.at(400).path_or_url, "/set400");
  EXPECT_EQ(errors.at(503).path_or_url, "/own503");
  EXPECT_EQ(errors.at(403).kind, ErrorAnswer::Kind::redirect_303);
  EXPECT_EQ(loaded.proxy(1).errors.size(), 1u);
}

TEST(LinkTest, NamesOfUsersAndHosts) {
  LoadedConfig loaded = support::load_config(std::string("global\n user root\n group root\n") + support::kHttpDefaults +
                                             "frontend f\n bind localhost:8080\n bind /tmp/x user root group root\n");
  EXPECT_EQ(loaded.said(), "");
  EXPECT_EQ(loaded.global().uid, 0u);
  EXPECT_EQ(loaded.global().gid, 0u);
  EXPECT_EQ(loaded.bind(0).addresses[0].address.port(), 8080);
  EXPECT_EQ(loaded.bind(1).uid, 0u);
  EXPECT_TRUE(support::load_config("global\n user nosuchuser\n").says("unknown user 'nosuchuser'"));
  EXPECT_TRUE(load_http("frontend f\n bind :80 group nosuchgroup\n").says("unknown group 'nosuchgroup'"));
  EXPECT_TRUE(load_http("frontend f\n bind no.such.host.invalid:80\n").says("cannot resolve"));
}

}  // namespace
}  // namespace lbd::config
