#include "lbd/config/dump.h"

#include <gtest/gtest.h>

namespace lbd::config {
namespace {

TEST(DumpTest, WordsOfEverySection) {
  std::string text = list_keywords();
  for (const char* line :
       {"# List of registered configuration keywords:\n", "\nglobal\n", "\n\tmaxconn\n", "\nlisten\n",
        "\n\toption abortonclose [ BE ]\n", "\n\toption forwardfor [ FE BE ]\n", "\n\tbind <addr> accept-proxy\n",
        "\n\tserver <name> <addr> weight\n", "\nuserlist\n", "\n\ttimeout connect\n"})
    EXPECT_NE(text.find(line), std::string::npos) << line;
}

}  // namespace
}  // namespace lbd::config
