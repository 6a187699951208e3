#include "lbd/tls/crt_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lbd::tls {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class CrtListTest : public testing::Test {
 protected:
  std::vector<CrtListLine> parse(std::string text) {
    source_ = std::make_unique<cfg::Source>("list", std::move(text));
    diagnostics_ = {};
    return parse_crt_list(*source_, diagnostics_);
  }
  std::string said() const { return diagnostics_.render(); }

  std::unique_ptr<cfg::Source> source_;
  cfg::Diagnostics diagnostics_;
};

TEST_F(CrtListTest, LinesOfTheManual) {
  auto lines = parse(
      "cert1.pem !*\n# comment\n\ncert2.pem [alpn h2,http/1.1]\n"
      "certW.pem                   *.domain.tld !secure.domain.tld\n"
      "certS.pem [curves X25519:P-256 ciphers ECDHE-ECDSA-AES256-GCM-SHA384] Secure.domain.tld\r\n");
  EXPECT_EQ(said(), "");
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_TRUE(lines[0].filtered);
  EXPECT_TRUE(lines[0].names.empty());
  EXPECT_EQ(lines[1].settings.alpn->text, "h2,http/1.1");
  EXPECT_EQ(lines[1].file.loc.line, 4u);
  EXPECT_FALSE(lines[1].filtered);
  EXPECT_THAT(lines[2].names, ElementsAre("*.domain.tld"));
  EXPECT_THAT(lines[2].except, ElementsAre("secure.domain.tld"));
  EXPECT_EQ(lines[3].settings.curves->text, "X25519:P-256");
  EXPECT_EQ(lines[3].options, "curves X25519:P-256 ciphers ECDHE-ECDSA-AES256-GCM-SHA384");
  EXPECT_THAT(lines[3].names, ElementsAre("secure.domain.tld"));
}

TEST_F(CrtListTest, BracketsMayTouchWords) {
  auto lines = parse("a.pem[verify none]x\n  b.pem []  # y\nc.pem [ ssl-min-ver TLSv1.3 ] z # w\n");
  EXPECT_EQ(said(), "");
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0].settings.verify, config::TlsVerify::none);
  EXPECT_THAT(lines[0].names, ElementsAre("x"));
  EXPECT_EQ(lines[1].options, "");
  EXPECT_FALSE(lines[1].filtered);
  EXPECT_THAT(lines[2].names, ElementsAre("z"));
}

TEST_F(CrtListTest, ErrorsNameFileAndPlace) {
  EXPECT_EQ(parse("a.pem [alpm h2]\nb.pem\n").size(), 1u);
  EXPECT_THAT(said(), HasSubstr("list:1:8: unknown option 'alpm'"));
  EXPECT_THAT(said(), HasSubstr("did you mean 'alpn'?"));
  parse("a.pem [crt x]");
  EXPECT_THAT(said(), HasSubstr("'crt' cannot stand in a crt-list"));
  parse("a.pem [alpn h2");
  EXPECT_THAT(said(), HasSubstr("list:1:7: the ']' that closes the options is missing"));
  parse("a.pem ]");
  EXPECT_THAT(said(), HasSubstr("']' without '['"));
  parse("a.pem [alpn]");
  EXPECT_THAT(said(), HasSubstr("expects an argument"));
  parse("[alpn h2]");
  EXPECT_THAT(said(), HasSubstr("begins with a file"));
  parse("a.pem x [alpn h2]");
  EXPECT_THAT(said(), HasSubstr("[WARNING] list:1:9: options stand behind names"));
}

// The words of a line of ssl-f-use, between blanks.
cfg::Statement use_line(std::string_view text) {
  cfg::Statement out;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find(' ', at), text.size());
    out.words.push_back({std::string(text.substr(at, end - at)), {}});
    at = end + 1;
  }
  return out;
}

TEST_F(CrtListTest, LinesOfAFrontend) {
  StoredCertificate files;
  auto line = parse_use_line(use_line("ssl-f-use crt a.pem alpn h2 ssl-min-ver TLSv1.3"), files, diagnostics_);
  ASSERT_TRUE(line);
  EXPECT_EQ(line->file.text, "a.pem");
  EXPECT_EQ(line->settings.alpn->text, "h2");
  EXPECT_EQ(line->options, "alpn h2 ssl-min-ver TLSv1.3");
  EXPECT_FALSE(files.has_own_files());
  line = parse_use_line(use_line("ssl-f-use key k.pem crt b.pem ocsp o"), files, diagnostics_);
  ASSERT_TRUE(line);
  EXPECT_EQ(line->options, "");
  EXPECT_EQ(files.key, "k.pem");
  EXPECT_EQ(files.ocsp, "o");
  EXPECT_EQ(said(), "");
  EXPECT_FALSE(parse_use_line(use_line("ssl-f-use alpn h2"), files, diagnostics_));
  EXPECT_THAT(said(), HasSubstr("'ssl-f-use' needs 'crt' and a file"));
  EXPECT_FALSE(parse_use_line(use_line("ssl-f-use crt a.pem nonsense"), files, diagnostics_));
  EXPECT_THAT(said(), HasSubstr("unknown option 'nonsense'"));
}

}  // namespace
}  // namespace lbd::tls
