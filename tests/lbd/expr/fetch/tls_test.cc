#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

class TlsTest : public ExprTest {};

TEST_F(TlsTest, WhetherThereIsAny) {
  EXPECT_EQ(eval("ssl_fc"), "bool 0");
  EXPECT_EQ(eval("ssl_fc_has_sni"), "bool 0");
  EXPECT_EQ(eval("ssl_fc_is_resumed"), "bool 0");
  EXPECT_EQ(eval_response("ssl_bc"), "bool 0");
  session_.tls = true;
  EXPECT_EQ(eval("ssl_fc"), "bool 1");
}

TEST_F(TlsTest, NothingElseOnAClearConnection) {
  for (const char* name : {"ssl_c_ca_err",
                           "ssl_c_ca_err_depth",
                           "ssl_c_chain_der",
                           "ssl_c_der",
                           "ssl_c_err",
                           "ssl_c_i_dn",
                           "ssl_c_key_alg",
                           "ssl_c_notafter",
                           "ssl_c_notbefore",
                           "ssl_c_s_dn",
                           "ssl_c_serial",
                           "ssl_c_sha1",
                           "ssl_c_sig_alg",
                           "ssl_c_used",
                           "ssl_c_verify",
                           "ssl_c_version",
                           "ssl_f_der",
                           "ssl_f_i_dn",
                           "ssl_f_key_alg",
                           "ssl_f_notafter",
                           "ssl_f_notbefore",
                           "ssl_f_s_dn",
                           "ssl_f_serial",
                           "ssl_f_sha1",
                           "ssl_f_sig_alg",
                           "ssl_f_version",
                           "ssl_fc_alg_keysize",
                           "ssl_fc_alpn",
                           "ssl_fc_cipher",
                           "ssl_fc_cipherlist_bin",
                           "ssl_fc_cipherlist_hex",
                           "ssl_fc_cipherlist_str",
                           "ssl_fc_cipherlist_xxh",
                           "ssl_fc_client_early_traffic_secret",
                           "ssl_fc_client_handshake_traffic_secret",
                           "ssl_fc_client_random",
                           "ssl_fc_client_traffic_secret_0",
                           "ssl_fc_early_exporter_secret",
                           "ssl_fc_ecformats_bin",
                           "ssl_fc_eclist_bin",
                           "ssl_fc_err",
                           "ssl_fc_err_str",
                           "ssl_fc_exporter_secret",
                           "ssl_fc_extlist_bin",
                           "ssl_fc_has_crt",
                           "ssl_fc_has_early",
                           "ssl_fc_npn",
                           "ssl_fc_protocol",
                           "ssl_fc_protocol_hello_id",
                           "ssl_fc_server_handshake_traffic_secret",
                           "ssl_fc_server_random",
                           "ssl_fc_server_traffic_secret_0",
                           "ssl_fc_session_id",
                           "ssl_fc_session_key",
                           "ssl_fc_sni",
                           "ssl_fc_unique_id",
                           "ssl_fc_use_keysize"})
    EXPECT_EQ(eval(name), "-") << name;
  for (const char* name :
       {"ssl_bc_alg_keysize", "ssl_bc_alpn",        "ssl_bc_cipher",    "ssl_bc_client_random", "ssl_bc_err",
        "ssl_bc_err_str",     "ssl_bc_is_resumed",  "ssl_bc_npn",       "ssl_bc_protocol",      "ssl_bc_server_random",
        "ssl_bc_session_id",  "ssl_bc_session_key", "ssl_bc_unique_id", "ssl_bc_use_keysize",   "ssl_s_chain_der",
        "ssl_s_der",          "ssl_s_i_dn",         "ssl_s_key_alg",    "ssl_s_notafter",       "ssl_s_notbefore",
        "ssl_s_s_dn",         "ssl_s_serial",       "ssl_s_sha1",       "ssl_s_sig_alg",        "ssl_s_version"})
    EXPECT_EQ(eval_response(name), "-") << name;
  EXPECT_EQ(eval("ssl_c_s_dn(CN,1,rfc2253)"), "-");
}

}  // namespace
}  // namespace lbd::expr
