#include "lbd/dns/choice.h"

#include <gtest/gtest.h>

namespace lbd::dns {
namespace {

base::IpAddr ip(std::string_view text) {
  return *base::IpAddr::parse(text);
}
const std::vector<base::IpAddr> kAll = {ip("192.0.2.1"), ip("10.0.0.1"), ip("10.0.0.2"), ip("::1"), ip("fd00::1")};

std::string chosen(Preference preference, std::string_view current = "", std::vector<base::IpAddr> taken = {}) {
  auto found = choose(kAll, preference, current.empty() ? base::IpAddr{} : ip(current), taken);
  return found ? found->to_string() : "none";
}

TEST(Choice, TheFamilyCountsMost) {
  EXPECT_EQ(chosen({.networks = {}}), "::1");
  EXPECT_EQ(chosen({.family = base::Family::v4, .networks = {}}), "192.0.2.1");
  EXPECT_EQ(choose({ip("192.0.2.1")}, {.networks = {}}, {}, {})->to_string(), "192.0.2.1");
}

TEST(Choice, ThenTheNetwork) {
  const std::vector<base::IpPrefix> near = {*base::IpPrefix::parse("10.0.0.0/8"), *base::IpPrefix::parse("fd00::/8")};
  EXPECT_EQ(chosen({.networks = near}), "fd00::1");
  EXPECT_EQ(chosen({.family = base::Family::v4, .networks = near}), "10.0.0.1");
  EXPECT_EQ(chosen({.family = base::Family::v4, .networks = near}, "192.0.2.1"), "10.0.0.1");
}

TEST(Choice, ThenWhatOneHasAndThenWhatNobodyElseHas) {
  Preference preference{.family = base::Family::v4, .networks = {}, .allow_taken = true};
  EXPECT_EQ(chosen(preference, "10.0.0.2"), "10.0.0.2");
  EXPECT_EQ(chosen(preference, "10.0.0.2", {ip("10.0.0.2")}), "10.0.0.2");
  EXPECT_EQ(chosen(preference, "", {ip("192.0.2.1")}), "10.0.0.1");
  EXPECT_EQ(chosen(preference, "", {ip("192.0.2.1"), ip("10.0.0.1"), ip("10.0.0.2")}), "192.0.2.1");
  preference.allow_taken = false;
  EXPECT_EQ(chosen(preference, "", {ip("192.0.2.1"), ip("10.0.0.1"), ip("10.0.0.2")}), "::1");
  EXPECT_EQ(chosen(preference, "", kAll), "none");
}

}  // namespace
}  // namespace lbd::dns
