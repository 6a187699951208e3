#include "lbd/server/objects.h"

#include <gtest/gtest.h>

#include <set>

namespace lbd::server {
namespace {

config::Proxy& add(config::Config& config, const std::string& name, bool frontend, bool backend) {
  config.proxies.push_back(std::make_unique<config::Proxy>());
  config::Proxy& proxy = *config.proxies.back();
  proxy.name = name;
  proxy.frontend = frontend;
  proxy.backend = backend;
  return proxy;
}

TEST(Objects, EveryObjectHasASlotOfItsOwn) {
  config::Config config;
  config::Proxy& front = add(config, "f", true, false);
  config::Proxy& both = add(config, "l", true, true);
  config::Proxy& back = add(config, "b", false, true);
  for (config::Proxy* proxy : {&both, &back})
    for (int i = 0; i < 3; ++i) proxy->servers.push_back(std::make_unique<config::Server>());

  Objects objects(config, 1000);
  EXPECT_EQ(objects.slots(), 10u);
  std::set<uint32_t> slots;
  for (auto& frontend : objects.frontends()) slots.insert(frontend->slot());
  for (auto& backend : objects.backends()) {
    slots.insert(backend->slot());
    for (auto& server : backend->servers()) slots.insert(server->slot());
  }
  EXPECT_EQ(slots.size(), 10u);
  EXPECT_LT(*slots.rbegin(), 10u);

  EXPECT_EQ(objects.frontend(&front)->name(), "f");
  EXPECT_EQ(objects.backend(&front), nullptr);
  EXPECT_EQ(objects.find_backend("l"), objects.backend(&both));
  EXPECT_EQ(objects.find_frontend("b"), nullptr);
}

TEST(Objects, FullconnIsATenthOfWhatTheFrontendsMaySend) {
  config::Config config;
  config::Proxy& f1 = add(config, "f1", true, false);
  f1.default_backend_name = "b";
  f1.maxconn = 400;
  config::Proxy& f2 = add(config, "f2", true, false);
  config::RuleLine rule;
  for (const char* word : {"use_backend", "b", "if", "TRUE"}) rule.statement.words.push_back({word, {}});
  f2.rules.push_back(rule);
  f2.rules.push_back(rule);
  add(config, "b", false, true);
  add(config, "fixed", false, true).fullconn = 7;
  Objects objects(config, 1000);
  EXPECT_EQ(objects.find_backend("b")->fullconn(), 140u);
  EXPECT_EQ(objects.find_backend("fixed")->fullconn(), 7u);
}

TEST(Objects, WhatDispatchMeansIsInNoList) {
  config::Config config;
  config::Proxy& proxy = add(config, "l", true, true);
  proxy.direct = std::make_unique<config::Server>();
  Objects objects(config, 1000);
  Backend& backend = *objects.find_backend("l");
  ASSERT_NE(backend.direct(), nullptr);
  EXPECT_TRUE(backend.servers().empty());
  EXPECT_EQ(backend.direct()->slot(), 2u);
  EXPECT_EQ(objects.slots(), 3u);
}

TEST(Objects, ServersComeAndGo) {
  config::Config config;
  config::Proxy& proxy = add(config, "b", false, true);
  for (const char* name : {"s1", "s2", "s3"}) {
    proxy.servers.push_back(std::make_unique<config::Server>());
    proxy.servers.back()->name = name;
  }
  Objects objects(config, 1000);
  Backend& backend = *objects.find_backend("b");
  const std::shared_ptr<Server> second = backend.servers()[1];
  const uint32_t before = backend.generation();
  second->set_admin(kForcedMaintenance);
  EXPECT_EQ(backend.active_usable(), 2u);
  auto old = backend.erase(*second);
  EXPECT_EQ(old->size(), 3u) << "who looks at it still may";
  EXPECT_TRUE(second->removed());
  EXPECT_EQ(backend.find_server("s2"), nullptr);
  EXPECT_EQ(backend.find_server(1u), nullptr);
  EXPECT_EQ(backend.find_server(2u)->name(), "s3") << "others keep their index";
  EXPECT_GT(backend.generation(), before + 1);

  // One that comes stands behind all, whatever went before it.
  config::Server line;
  line.name = "new";
  const auto slot = objects.take_slot();
  ASSERT_TRUE(slot);
  EXPECT_EQ(*slot, 4u);
  auto added = std::make_shared<Server>(line, backend, backend.next_index(), *slot, uint8_t{kForcedMaintenance});
  EXPECT_FALSE(added->up());
  old = backend.insert(added);
  EXPECT_EQ(backend.active_usable(), 2u);
  added->set_admin(0);
  EXPECT_EQ(backend.active_usable(), 3u);
  EXPECT_TRUE(added->in_rotation());

  // One that comes back stands where it was.
  old = backend.insert(second, true);
  std::vector<std::string> names;
  for (const auto& server : backend.servers()) names.push_back(server->name());
  EXPECT_EQ(names, (std::vector<std::string>{"s1", "s2", "s3", "new"}));
  second->set_admin(0);
  EXPECT_EQ(backend.active_usable(), 4u);

  added->set_admin(kForcedMaintenance);
  old = backend.erase(*added);
  objects.give_slot(*slot);
  EXPECT_EQ(objects.take_slot(), slot) << "the place of who went";
  EXPECT_EQ(objects.take_slot(), *slot + 1);
  EXPECT_EQ(objects.slots(), 6u);
}

}  // namespace
}  // namespace lbd::server
