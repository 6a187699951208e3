#include "lbd/tls/certificate_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_folder.h"

namespace lbd::tls {
namespace {

using testing::ElementsAre;

class CertificateFilesTest : public testing::Test {
 protected:
  std::vector<std::string> paths(const std::string& name, const config::TlsFiles& extra = {}) const {
    auto found = certificate_paths(folder_.path() + "/" + name, extra);
    std::vector<std::string> out;
    if (found)
      for (const std::string& path : *found) out.push_back(path.substr(folder_.path().size() + 1));
    return out;
  }

  support::TempFolder folder_;
};

TEST_F(CertificateFilesTest, AFolderGivesItsFilesInTheOrderOfTheirNames) {
  for (const char* name : {"d/b.pem", "d/a.crt", "d/.hidden", "d/a.crt.key", "d/b.pem.ocsp", "d/b.pem.issuer",
                           "d/b.pem.sctl", "d/sub/c.pem", "d/c.pem.rsa"})
    folder_.file(name, "");
  EXPECT_THAT(paths("d"), ElementsAre("d/a.crt", "d/b.pem", "d/c.pem.rsa"));
}

TEST_F(CertificateFilesTest, ABundleStandsForTheFileThatIsNotThere) {
  folder_.file("a.pem.rsa", "");
  folder_.file("a.pem.ecdsa", "");
  EXPECT_THAT(paths("a.pem"), ElementsAre("a.pem.ecdsa", "a.pem.rsa"));
  EXPECT_THAT(paths("a.pem", {.bundle = false}), ElementsAre());
  folder_.file("a.pem", "");
  EXPECT_THAT(paths("a.pem"), ElementsAre("a.pem"));
}

TEST_F(CertificateFilesTest, FilesBesideACertificate) {
  const std::string crt = folder_.file("a.crt", "no key here");
  folder_.file("a.crt.key", "long");
  folder_.file("a.key", "short");
  folder_.file("a.crt.ocsp", "");
  EXPECT_EQ(read_certificate_files(crt, {})->key, "long");
  EXPECT_EQ(read_certificate_files(crt, {})->ocsp, "");
  EXPECT_EQ(read_certificate_files(crt, {})->sctl, std::nullopt);
  EXPECT_EQ(read_certificate_files(crt, {.replace_extension = true})->key, "short");
  EXPECT_EQ(read_certificate_files(crt, {.key = false})->key, std::nullopt);
  const std::string whole = folder_.file("b.pem", "-----BEGIN PRIVATE KEY-----");
  folder_.file("b.pem.key", "not looked at");
  EXPECT_EQ(read_certificate_files(whole, {})->key, std::nullopt);
}

TEST_F(CertificateFilesTest, ErrorsNameThePath) {
  EXPECT_EQ(certificate_paths(folder_.path() + "/none", {}).error().text,
            folder_.path() + "/none: No such file or directory");
  EXPECT_FALSE(read_certificate_files(folder_.path() + "/none", {}));
}

}  // namespace
}  // namespace lbd::tls
