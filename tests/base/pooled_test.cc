#include "base/pooled.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

namespace base {
namespace {

struct Thing : Pooled<Thing> {
  virtual ~Thing() = default;
  int values[64] = {};
};

struct LargerThing : Thing {
  int more[64] = {};
};

TEST(Pooled, MemoryIsUsedAgain) {
  auto first = std::make_unique<Thing>();
  void* memory = first.get();
  first.reset();
  auto second = std::make_unique<Thing>();
  EXPECT_EQ(second.get(), memory);
  auto third = std::make_unique<Thing>();
  EXPECT_NE(third.get(), memory);
}

TEST(Pooled, ADerivedTypeOfAnotherSizeTakesTheUsualWay) {
  auto thing = std::make_unique<Thing>();
  void* memory = thing.get();
  thing.reset();
  std::unique_ptr<Thing> larger = std::make_unique<LargerThing>();
  EXPECT_NE(larger.get(), memory);
  larger.reset();
  thing = std::make_unique<Thing>();
  EXPECT_EQ(thing.get(), memory);
}

TEST(Pooled, AThreadThatEndsLeavesNothing) {  // the sanitizer tells
  std::thread([] {
    std::unique_ptr<Thing> things[300];
    for (auto& thing : things) thing = std::make_unique<Thing>();
  }).join();
}

}  // namespace
}  // namespace base
