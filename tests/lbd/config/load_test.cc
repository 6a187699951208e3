#include "lbd/config/load.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "tests/support/load_config.h"

namespace lbd::config {
namespace {

using support::load_config;
using support::load_http;
using support::LoadedConfig;

TEST(LoadTest, AnHttpPair) {
  LoadedConfig loaded = load_http(
      "frontend fe\n bind *:80\n bind 10.0.0.1:443,[::1]:443 name tls\n default_backend be\n"
      "backend be\n balance leastconn\n server s1 10.0.0.2:8080 check inter 1s weight 5\n"
      " server s2 origin.lan backup\n");
  EXPECT_EQ(loaded.said(), "");
  const Proxy& front = loaded.proxy(0);
  EXPECT_EQ(front.mode, Mode::http);
  EXPECT_EQ(front.timeouts.client, base::Millis(5000));
  ASSERT_EQ(front.binds.size(), 2u);
  EXPECT_EQ(front.binds[0]->addresses[0].address.to_string(), "0.0.0.0:80");
  EXPECT_EQ(front.binds[1]->addresses.size(), 2u);
  EXPECT_EQ(front.binds[1]->addresses[1].address.to_string(), "[::1]:443");
  EXPECT_EQ(front.default_backend, &loaded.proxy(1));
  const Server& s1 = *loaded.proxy(1).servers.at(0);
  EXPECT_EQ(s1.address.to_string(), "10.0.0.2:8080");
  EXPECT_EQ(s1.weight, 5u);
  EXPECT_TRUE(s1.check.enabled);
  EXPECT_EQ(s1.check.inter, base::Millis(1000));
  EXPECT_EQ(s1.id, 1u);
  const Server& s2 = *loaded.proxy(1).servers.at(1);
  EXPECT_EQ(s2.host, "origin.lan");
  EXPECT_EQ(s2.port_map, Server::PortMap::same);
  EXPECT_TRUE(s2.backup);
}

TEST(LoadTest, AllErrorsOfAFileInOneRun) {
  LoadedConfig loaded = load_config(
      "global\n maxcon 3\nfrontend fe\n bnd :80\n timeout clint 3s\n mode htp\nfoo\nbackend a/b\n server x 1.1.1.1:1\n"
      "frontend fe2\n option httplg\n");
  EXPECT_EQ(loaded.diagnostics.errors(), 7u) << loaded.diagnostics.render();
  std::string text = loaded.diagnostics.render();
  for (const char* hint : {"'maxconn'", "'bind'", "'client'", "'http'", "'httplog'"})
    EXPECT_NE(text.find(std::string("did you mean ") + hint), std::string::npos) << hint << "\n" << text;
}

TEST(LoadTest, UnknownWordsShowTheirPlace) {
  LoadedConfig loaded = load_http("frontend fe\n bind :80 nmae x\n");
  EXPECT_EQ(loaded.diagnostics.render(),
            "[ALERT] a.cfg:7:11: unknown bind option 'nmae'\n"
            "     7 |  bind :80 nmae x\n"
            "       |           ^~~~\n"
            "       = did you mean 'name'?\n");
}

TEST(LoadTest, SectionsOfGlobalMerge) {
  LoadedConfig loaded = load_config("global\n maxconn 10\nglobal\n nbthread 2\n maxconn 20\n");
  EXPECT_EQ(loaded.said(), "");
  EXPECT_EQ(loaded.config->global.maxconn, 20u);
  EXPECT_EQ(loaded.config->global.nbthread, 2u);
  EXPECT_FALSE(has_listener(*loaded.config));
}

TEST(LoadTest, SetenvIsSeenByLaterLines) {
  LoadedConfig loaded = load_config(
      "global\n setenv PORT 8080\n presetenv PORT 9090\n.if defined(PORT)\n description \"p ${PORT} $NOPE\"\n.endif\n"
      " unsetenv PORT\n.if defined(PORT)\n description no\n.endif\n");
  EXPECT_EQ(loaded.said(), "");
  EXPECT_EQ(loaded.config->global.description, "p 8080 ");
}

TEST(LoadTest, ListenersAreCounted) {
  EXPECT_TRUE(has_listener(*load_http("frontend a\n bind :80\n").config));
  EXPECT_FALSE(has_listener(*load_http("backend a\n").config));
  EXPECT_FALSE(has_listener(*load_config("").config));
}

TEST(LoadTest, SeveralFilesAndFolders) {
  std::string dir = testing::TempDir() + "load_test.XXXXXX";
  ASSERT_NE(mkdtemp(dir.data()), nullptr);
  std::filesystem::create_directory(dir + "/conf.d");
  std::ofstream(dir + "/conf.d/20-b.cfg") << "backend b\n";
  std::ofstream(dir + "/conf.d/10-f.cfg") << "frontend f\n bind :80\n default_backend b\n";
  std::ofstream(dir + "/conf.d/notes.txt") << "not read\n";
  std::ofstream(dir + "/base.cfg") << support::kHttpDefaults << "global\n maxconn 5\n";
  cfg::Diagnostics diagnostics;
  auto config = load({dir + "/base.cfg", dir + "/conf.d"}, {}, diagnostics);
  EXPECT_TRUE(prepare(*config, diagnostics)) << diagnostics.render();
  ASSERT_EQ(config->proxies.size(), 2u);
  EXPECT_EQ(config->proxies[0]->mode, Mode::http) << "defaults of one file hold in the next";
  EXPECT_EQ(config->environment.get("HAPROXY_CFGFILES"),
            dir + "/base.cfg;" + dir + "/conf.d/10-f.cfg;" + dir + "/conf.d/20-b.cfg");
  std::filesystem::remove_all(dir);
}

TEST(LoadTest, AFileEndsItsLastSection) {
  std::string dir = testing::TempDir() + "load_test.XXXXXX";
  ASSERT_NE(mkdtemp(dir.data()), nullptr);
  std::ofstream(dir + "/1.cfg") << "global\n maxconn 5\n";
  std::ofstream(dir + "/2.cfg") << " nbthread 1\n";
  cfg::Diagnostics diagnostics;
  load({dir}, {}, diagnostics);
  EXPECT_NE(diagnostics.render().find("unknown keyword 'nbthread' out of section"), std::string::npos);
  std::filesystem::remove_all(dir);
}

TEST(LoadTest, FilesThatAreNotThere) {
  cfg::Diagnostics diagnostics;
  load({"/nonexistent/x.cfg"}, {}, diagnostics);
  EXPECT_TRUE(diagnostics.has_errors());
  EXPECT_NE(diagnostics.render().find("/nonexistent/x.cfg"), std::string::npos);
}

}  // namespace
}  // namespace lbd::config
