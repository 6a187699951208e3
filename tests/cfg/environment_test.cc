#include "cfg/environment.h"

#include <gtest/gtest.h>
#include <stdlib.h>

namespace cfg {
namespace {

TEST(EnvironmentTest, ACopyOfTheProcess) {
  setenv("TANDEM_ENVIRONMENT_TEST", "x=y", 1);
  Environment environment = Environment::of_process();
  EXPECT_EQ(environment.get("TANDEM_ENVIRONMENT_TEST"), "x=y");
  environment.set("TANDEM_ENVIRONMENT_TEST", "z");
  EXPECT_STREQ(getenv("TANDEM_ENVIRONMENT_TEST"), "x=y") << "nothing outside is changed";
  unsetenv("TANDEM_ENVIRONMENT_TEST");
}

TEST(EnvironmentTest, ResetKeepsWhatIsNamed) {
  Environment environment;
  environment.set("A", "1");
  environment.set("B", "2");
  environment.set("C", "3");
  environment.unset("C");
  environment.unset("D");
  environment.reset({"B", "E"});
  EXPECT_EQ(environment.all().size(), 1u);
  EXPECT_EQ(environment.get("B"), "2");
  EXPECT_FALSE(environment.get("A"));
}

}  // namespace
}  // namespace cfg
