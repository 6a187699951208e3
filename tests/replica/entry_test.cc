#include "replica/entry.h"

#include <gtest/gtest.h>

#include "replica/server_state.h"

namespace replica {
namespace {

using namespace server_state;

tandem::Entry good() {
  Entry entry{.key = key("b", "s"), .fields = {}};
  entry.at(kWeight) = {kWeight, 0, {1, 2}};
  entry.at(kAdmin) = {kAdmin, 3, {4, 5}};
  entry.at(kConfiguredWeight) = {kConfiguredWeight, 10, {1, 2}};
  entry.at(kConfiguredDisabled) = {kConfiguredDisabled, 1, {4, 5}};
  return to_wire(entry);
}

TEST(Entry, SurvivesTheWire) {
  auto entry = from_wire(good());
  ASSERT_TRUE(entry) << entry.error().text;
  EXPECT_EQ(entry->key, key("b", "s"));
  EXPECT_EQ(names(entry->key), std::pair(std::string_view("b"), std::string_view("s")));
  EXPECT_EQ(entry->value(kWeight), 0u);
  EXPECT_EQ(entry->find(kAdmin)->stamp, (Stamp{4, 5}));
  EXPECT_EQ(to_wire(*entry).SerializeAsString(), good().SerializeAsString());
}

TEST(Entry, UnsetFieldsStayUnset) {
  tandem::Entry wire = good();
  wire.mutable_server_state()->clear_weight();
  auto entry = from_wire(wire);
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->find(kWeight), nullptr);
  EXPECT_EQ(entry->fields.size(), 3u);
}

TEST(Entry, NonsenseIsRefused) {
  auto refused = [](auto change) {
    tandem::Entry wire = good();
    change(wire);
    return !from_wire(wire);
  };
  EXPECT_TRUE(refused([](auto& w) { w.mutable_server_state()->set_weight(257); }));
  EXPECT_TRUE(refused([](auto& w) { w.mutable_server_state()->set_admin(tandem::ADMIN_UNKNOWN); }));
  EXPECT_TRUE(refused([](auto& w) { w.mutable_server_state()->set_admin(static_cast<tandem::AdminState>(-1)); }));
  EXPECT_TRUE(refused([](auto& w) { w.mutable_server_state()->set_backend(""); }));
  EXPECT_TRUE(refused([](auto& w) { w.mutable_server_state()->set_backend("a/b"); }));
  EXPECT_TRUE(refused([](auto& w) { w.mutable_server_state()->set_server("s\n"); }));
  EXPECT_TRUE(refused([](auto& w) { w.mutable_server_state()->set_server(std::string(2000, 'x')); }));
  EXPECT_TRUE(refused([](auto& w) { w.clear_stamps(); }));
  EXPECT_TRUE(refused([](auto& w) { w.mutable_stamps(0)->mutable_stamp()->set_time(0); }));
  EXPECT_TRUE(refused([](auto& w) { w.mutable_stamps(0)->mutable_stamp()->set_time(kLastTime + 1); }));
}

TEST(Entry, AnUnknownKindIsUnsupported) {
  auto entry = from_wire(tandem::Entry());
  ASSERT_FALSE(entry);
  EXPECT_EQ(entry.error().code, base::Code::unsupported);
}

TEST(Entry, KindsAreDescribed) {
  int kinds = 0;
  base::Registered<KindRow>::for_each([&](const KindRow& row) {
    ++kinds;
    EXPECT_FALSE(row.doc.empty()) << row.name;
    EXPECT_EQ(find_kind(row.kind), &row) << "two rows of one kind";
    for (const FieldRow& field : row.fields) EXPECT_EQ(row.field(field.number), &field) << "two fields of one number";
  });
  EXPECT_EQ(kinds, 1);
}

}  // namespace
}  // namespace replica
