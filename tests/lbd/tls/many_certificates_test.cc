// Ten thousand certificates: how long a start takes for them, and a look-up among fifty thousand names.
#include <gtest/gtest.h>

#include <chrono>

#include "lbd/tls/contexts.h"
#include "tests/support/handshake.h"
#include "tests/support/load_config.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_certificates.h"

namespace lbd::tls {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

TEST(ManyCertificatesTest, TenThousandLoadInFiveSeconds) {
  constexpr int kCount = 10000;
  support::TempFolder folder;
  const support::TestCertificate issuer({.common_name = "ca", .authority = true});
  const std::string chain = issuer.certificate_pem();
  for (int i = 0; i < kCount; ++i) {
    const std::string name = "host" + std::to_string(i) + ".example";
    folder.file("d/" + name + ".pem",
                support::TestCertificate({.common_name = name, .names = {name}}, issuer).pem() + chain);
  }
  support::LoadedConfig loaded = support::load_http("frontend f\n bind 127.0.0.1:1 ssl crt " + folder.path() + "/d\n");
  Contexts contexts;
  const auto begin = Clock::now();
  contexts.load(*loaded.config, 1, loaded.diagnostics);
  const double took = seconds_since(begin);
  RecordProperty("milliseconds", static_cast<int>(took * 1000));
  EXPECT_EQ(loaded.said(), "");
  EXPECT_LE(took, 5.0);
  SSL_CTX* context = contexts.of(loaded.bind());
  ASSERT_TRUE(context);
  support::ContextHandle client = support::client_context();
  support::Handshake handshake(context, client.get(), "host7777.example");
  EXPECT_TRUE(handshake.run());
  EXPECT_EQ(handshake.shown(), "host7777.example");
}

TEST(ManyCertificatesTest, ALookUpCostsTheSameHoweverManyThereAre) {
  SniIndex few, many;
  for (uint32_t i = 0; i < 10; ++i) few.add("host" + std::to_string(i) + ".example", i);
  for (uint32_t i = 0; i < 50000; ++i) many.add("host" + std::to_string(i) + ".example", i);
  auto nanoseconds = [](const SniIndex& index) {
    constexpr int kTimes = 100000;
    double best = 1e9;
    for (int round = 0; round < 5; ++round) {
      const auto begin = Clock::now();
      for (int i = 0; i < kTimes; ++i) {
        const uint32_t at = index.exact("host5.example");
        asm volatile("" : : "r"(at) : "memory");
      }
      best = std::min(best, seconds_since(begin) * 1e9 / kTimes);
    }
    return best;
  };
  EXPECT_LT(nanoseconds(many), nanoseconds(few) + 2000);  // of the hundred microseconds of a handshake
}

}  // namespace
}  // namespace lbd::tls
