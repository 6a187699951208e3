#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

using CipherTest = ExprTest;

// The second test of the GCM specification: key, nonce and text are zeros.
TEST_F(CipherTest, Gcm) {
  std::string key = "AAAAAAAAAAAAAAAAAAAAAA==", nonce = "AAAAAAAAAAAAAAAA", tag = "q25H1CzsE731OmeyEle93w==";
  std::string zeros(32, '0');
  std::string text = "bin(0388dace60b6a392f328c2b971b2fe78)";
  EXPECT_EQ(eval(text + ",aes_gcm_dec(128," + nonce + "," + key + "," + tag + "),hex"), "str " + zeros);
  EXPECT_EQ(eval(text + ",aes_gcm_dec(128," + nonce + "," + key + ",AAAAAAAAAAAAAAAAAAAAAA==)"), "-");
  EXPECT_EQ(eval(text + ",aes_gcm_dec(256," + nonce + "," + key + "," + tag + ")"), "-");
  EXPECT_EQ(eval(text + ",aes_gcm_dec(128," + nonce + "," + key + ",txn.none)"), "-");
  EXPECT_EQ(eval("bin(" + zeros + "),aes_gcm_enc(128," + nonce + "," + key + ",txn.tag),hex"),
            "str 0388DACE60B6A392F328C2B971B2FE78");
  EXPECT_EQ(eval("var(txn.tag)"), "str " + tag);
  EXPECT_EQ(eval("str(some text),aes_gcm_enc(128," + nonce + "," + key + ",txn.tag,YQ==)" + ",aes_gcm_dec(128," +
                 nonce + "," + key + ",txn.tag,YQ==)"),
            "bin some text");
  EXPECT_EQ(eval(text + ",aes_gcm_dec(100," + nonce + "," + key + "," + tag + ")"),
            "error: converter 'aes_gcm_dec': the number of bits is 128, 192 or 256");
  EXPECT_EQ(eval(text + ",aes_gcm_dec(128,!," + key + "," + tag + ")").substr(0, 6), "error:");
}

TEST_F(CipherTest, Cbc) {
  std::string arguments = "(128,AAAAAAAAAAAAAAAAAAAAAA==,AAAAAAAAAAAAAAAAAAAAAA==)";
  EXPECT_EQ(eval("str(some text),aes_cbc_enc" + arguments + ",aes_cbc_dec" + arguments), "bin some text");
  EXPECT_EQ(eval("str(some text),aes_cbc_dec" + arguments), "-");
  EXPECT_EQ(eval("str(),aes_cbc_enc" + arguments + ",length"), "int 16");
}

}  // namespace
}  // namespace lbd::expr
