#include "lbd/expr/json.h"

#include <gtest/gtest.h>

#include <string>

namespace lbd::expr {
namespace {

std::string find(std::string_view json, std::string_view path) {
  JsonValue value;
  if (!find_json(json, path, value)) return "-";
  static constexpr const char* kKinds[] = {"string", "number", "boolean", "null", "array", "object"};
  return std::string(kKinds[static_cast<size_t>(value.kind)]) + " " + std::string(value.text);
}

TEST(Json, FindsByPath) {
  EXPECT_EQ(find(" { \"a\" : [ 1 , { \"b\" : \"x\" } ] } ", "$.a[1].b"), "string x");
  EXPECT_EQ(find(R"({"x":{"a":3},"a":4})", "$.a"), "number 4");
  EXPECT_EQ(find(R"({"a.b":1,"a[":2})", "$.a\\.b"), "number 1");
  EXPECT_EQ(find(R"({"a.b":1,"a[":2})", "$.a\\["), "number 2");
  EXPECT_EQ(find("[[1,[5]]]", "$[0][1][0]"), "number 5");
  EXPECT_EQ(find(R"({"":1})", "$."), "number 1");
  EXPECT_EQ(find("\"s\"", "$"), "string s");
  EXPECT_EQ(find(R"({"a":{}})", "$.a"), "object {}");
  EXPECT_EQ(find(R"({"a":null,"b":-1.5e3})", "$.b"), "number -1.5e3");
  EXPECT_EQ(find(R"({"a":1)", "$.a"), "number 1");  // what stands behind does not matter
}

TEST(Json, NotThereOrNoJson) {
  for (auto [json, path] : {std::pair{R"({"a":1})", "$.b"},
                            {R"({"a":1})", "$.a.b"},
                            {R"({"a":1})", "$.a[0]"},
                            {"[1]", "$[1]"},
                            {"[1 2]", "$[1]"},
                            {R"({"b" 1,"a":2})", "$.a"},
                            {"", "$"},
                            {R"({"a":tru})", "$.a"},
                            {R"({"a":+1})", "$.a"},
                            {R"({"a":"x)", "$.a"},
                            {"-inf", "$"},
                            {R"({"b":nan,"a":2})", "$.a"},
                            {R"({"a":1})", "a"},
                            {"{}", "$.a"},
                            {"[]", "$[0]"}})
    EXPECT_EQ(find(json, path), "-") << json << " " << path;
  EXPECT_EQ(find(std::string(10000, '['), "$"), "-");
}

TEST(Json, Paths) {
  for (const char* good : {"$", "$.a", "$.a.b[0][12].c", "$[1]", "$.a\\.b", "$."})
    EXPECT_TRUE(is_json_path(good)) << good;
  for (const char* bad : {"", "a", "$a", "$.a[", "$.a[x]", "$.a[-1]", "$[1]x"}) EXPECT_FALSE(is_json_path(bad)) << bad;
}

TEST(Json, Strings) {
  base::BlockPool pool(4096, 1);
  base::Arena arena(pool);
  std::string_view plain;
  ASSERT_TRUE(unescape_json(R"(a\"\\\/\b\f\n\r\tA\u00e4\u20ac\ud83d\ude00)", arena, plain));
  EXPECT_EQ(plain, "a\"\\/\b\f\n\r\tA\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
  EXPECT_FALSE(unescape_json("\\x", arena, plain));
  EXPECT_FALSE(unescape_json("\\u12", arena, plain));
}

}  // namespace
}  // namespace lbd::expr
