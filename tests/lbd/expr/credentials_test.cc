#include "lbd/expr/credentials.h"

#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

class CredentialsTest : public ExprTest {
 protected:
  std::string credentials(const std::string& field) {
    request("GET / HTTP/1.1\r\n" + field + "\r\n\r\n");
    Credentials got = credentials_of(*t_);
    return std::string(got.scheme) + "|" + std::string(got.user) + "|" + std::string(got.password) + "|" +
           std::string(got.token);
  }
};

TEST_F(CredentialsTest, AreRead) {
  EXPECT_EQ(credentials("Authorization: Basic bWU6c2VjcmV0"), "Basic|me|secret|");
  EXPECT_EQ(credentials("Authorization: basic   bWU6c2U6Y3JldA=="), "Basic|me|se:cret|");
  EXPECT_EQ(credentials("Authorization: Bearer abc.def"), "Bearer|||abc.def");
  EXPECT_EQ(credentials("Authorization: Basic bWU="), "|||");
  EXPECT_EQ(credentials("Authorization: Basic !"), "|||");
  EXPECT_EQ(credentials("Authorization: Digest x"), "|||");
  EXPECT_EQ(credentials("Authorization: Basic"), "|||");
  EXPECT_EQ(credentials("Proxy-Authorization: Basic bWU6c2VjcmV0"), "|||");
}

TEST(Passwords, AreClearOrHashed) {
  const config::User clear{"me", "secret", true, {}};
  EXPECT_TRUE(password_matches(clear, "secret"));
  EXPECT_FALSE(password_matches(clear, "secre"));
  EXPECT_FALSE(password_matches(clear, "secretsecret"));
  EXPECT_FALSE(password_matches(clear, ""));
  const config::User hashed{"me", "$5$salt$kpa26zwgX83BPSR8d7w93OIXbFt/d3UOTZaAu5vsTM6", false, {}};
  for (int times = 0; times < 2; ++times) {
    EXPECT_TRUE(password_matches(hashed, "secret"));
    EXPECT_FALSE(password_matches(hashed, "wrong"));
  }
  EXPECT_FALSE(password_matches({"me", "not a hash", false, {}}, "not a hash"));
}

TEST(Passwords, AreComputedOnce) {
  // bcrypt with 2^12 rounds takes a noticeable part of a second; a hundred of them would take half a minute.
  const config::User slow{"me", "$2b$12$abcdefghijklmnopqrstuuAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", false, {}};
  const auto begin = std::clock();
  for (int times = 0; times < 100; ++times) EXPECT_FALSE(password_matches(slow, "wrong"));
  EXPECT_LT((std::clock() - begin) / CLOCKS_PER_SEC, 5);
}

TEST_F(CredentialsTest, AUserListKnowsItsUsers) {
  const config::UserList& list = loaded_.config->userlists.front();
  EXPECT_EQ(authenticate(list, {"Basic", "me", "secret", {}}), &list.users.front());
  EXPECT_EQ(authenticate(list, {"Basic", "me", "other", {}}), nullptr);
  EXPECT_EQ(authenticate(list, {"Basic", "you", "secret", {}}), nullptr);
  EXPECT_EQ(authenticate(list, {"Bearer", "", "", "me"}), nullptr);
}

}  // namespace
}  // namespace lbd::expr
