// Every keyword of the language is sound, and is used in a configuration of tests/data/configs.
#include "tests/support/registry.h"

#include "cfg/cond.h"
#include "lbd/config/bind_line.h"
#include "lbd/config/check.h"
#include "lbd/config/global_section.h"
#include "lbd/config/proxy_word.h"
#include "lbd/config/section.h"
#include "lbd/config/server_line.h"

namespace lbd::config {
namespace {

TEST(ConfigRegistryTest, Predicates) {
  support::expect_sound_registry<cfg::Predicate>("predicate", 13);
}
TEST(ConfigRegistryTest, Sections) {
  support::expect_sound_registry<SectionRow>("section", 19);
}
TEST(ConfigRegistryTest, GlobalWords) {
  support::expect_sound_registry<GlobalWord>("global word", 250);
}
TEST(ConfigRegistryTest, ProxyWords) {
  support::expect_sound_registry<ProxyWord>("proxy word", 200);
}
TEST(ConfigRegistryTest, BindWords) {
  support::expect_sound_registry<BindWord>("bind word", 70);
}
TEST(ConfigRegistryTest, ServerWords) {
  support::expect_sound_registry<ServerWord>("server word", 110);
}

TEST(ConfigRegistryTest, Checks) {
  // Named by what they find, not by their name.
  size_t rows = 0;
  base::Registered<CheckRow>::for_each([&](const CheckRow& row) {
    ++rows;
    EXPECT_FALSE(row.doc.empty()) << row.name;
  });
  EXPECT_GE(rows, 15u);
}

}  // namespace
}  // namespace lbd::config
