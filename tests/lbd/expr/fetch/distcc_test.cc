// Values are those of Debian's haproxy for the same bytes.
#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

class DistccTest : public ExprTest {
 protected:
  std::string of(std::string_view bytes, std::string_view text, bool whole = true) {
    t_->payload = bytes;
    t_->payload_final = whole;
    return eval(text, phase::kFrontContent);
  }
};

constexpr std::string_view kJob = "DIST00000001ARGC00000002ARGV00000003gccARGV00000002-cDOTI0000000asource.cpp";

TEST_F(DistccTest, ParametersAndBodies) {
  EXPECT_EQ(of(kJob, "distcc_param(DIST)"), "int 1");
  EXPECT_EQ(of(kJob, "distcc_body(DIST)"), "-");
  EXPECT_EQ(of(kJob, "distcc_param(ARGC)"), "int 2");
  EXPECT_EQ(of(kJob, "distcc_param(ARGV)"), "int 3");
  EXPECT_EQ(of(kJob, "distcc_body(ARGV)"), "bin gcc");
  EXPECT_EQ(of(kJob, "distcc_body(ARGV,2)"), "bin -c");
  EXPECT_EQ(of(kJob, "distcc_body(ARGV,3)"), "-");
  EXPECT_EQ(of(kJob, "distcc_param(DOTI)"), "int 10");
  EXPECT_EQ(of(kJob, "distcc_body(DOTI)"), "bin source.cpp");
  EXPECT_EQ(of(kJob, "distcc_param(NAME)"), "-");
  EXPECT_EQ(of("DIST00000001FOOO00000003abcDOTI00000001x", "distcc_body(DOTI)"), "bin x") << "others have bodies, too";
}

TEST_F(DistccTest, InPieces) {
  for (size_t n = 0; n < kJob.size() - 10; ++n)
    EXPECT_EQ(of(kJob.substr(0, n), "distcc_param(DOTI)", false), "later") << n;
  EXPECT_EQ(of(kJob.substr(0, 66), "distcc_param(DOTI)", false), "int 10");
  EXPECT_EQ(of("ARGV00000003gc", "distcc_body(ARGV)"), "bin gc");
}

TEST_F(DistccTest, NoDistcc) {
  for (const char* bytes : {"GET / HTTP/1.1\r\n\r\n", "ARGV0000000x", "DOTI", ""})
    EXPECT_EQ(of(bytes, "distcc_param(DOTI)"), "-") << bytes;
}

}  // namespace
}  // namespace lbd::expr
