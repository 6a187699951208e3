#include <cstdio>

#include "lbd/expr/pattern_files.h"
#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

class MapTest : public ExprTest {
 protected:
  std::string map(const std::string& name, const std::string& content) {
    std::string path = testing::TempDir() + "tandem_map_" + name;
    FILE* to = std::fopen(path.c_str(), "w");
    std::fwrite(content.data(), 1, content.size(), to);
    std::fclose(to);
    made_.push_back(path);
    return path;
  }
  ~MapTest() override {
    for (const std::string& path : made_) std::remove(path.c_str());
  }
  // map_METHOD(FILE[,DEFAULT]) of a text.
  std::string of(std::string_view text, const std::string& converter, const std::string& file,
                 const std::string& otherwise = "") {
    return eval("str('" + std::string(text) + "')," + converter + "(" + file + (otherwise.empty() ? "" : ",") +
                otherwise + ")");
  }
  std::vector<std::string> made_;
};

TEST_F(MapTest, KeysAndDefaults) {
  std::string file = map("keys", "/a one two\n/ab three\n");
  EXPECT_EQ(of("/a", "map", file), "str one two");
  EXPECT_EQ(of("/a", "map_str", file), "str one two");
  EXPECT_EQ(of("/a", "map_str_str", file), "str one two");
  EXPECT_EQ(of("/x", "map", file), "-");
  EXPECT_EQ(of("/x", "map", file, "none"), "str none");
  EXPECT_EQ(of("/abc", "map_beg", file), "str three");
  EXPECT_EQ(of("/abc", "map_beg_key", file), "str /ab");
  EXPECT_EQ(of("x/ab", "map_end", file), "str three");
  EXPECT_EQ(of("x/abc", "map_sub", file), "str one two");
  EXPECT_EQ(of("/x/ab/y", "map_dir", file), "str three");
  EXPECT_EQ(of("x.ab.y", "map_dom", file), "str three");
}

TEST_F(MapTest, TypesOfValues) {
  std::string file = map("types", "a 7\nb -8\n");
  EXPECT_EQ(of("a", "map_str_int", file), "int 7");
  EXPECT_EQ(of("b", "map_str_int", file), "int -8");
  EXPECT_EQ(of("c", "map_str_int", file, "9"), "int 9");
  EXPECT_EQ(of("c", "map_str_int", file, "x"), "error: argument 2 of converter 'map_str_int': must be an integer");
  std::string addresses = map("addresses", "a 192.0.2.1\nb ::1\n");
  EXPECT_EQ(of("a", "map_str_ip", addresses), "ipv4 192.0.2.1");
  EXPECT_EQ(of("b", "map_str_ip", addresses), "ipv6 ::1");
  EXPECT_EQ(of("c", "map_str_ip", addresses, "10.0.0.1"), "ipv4 10.0.0.1");
  EXPECT_EQ(of("c", "map_str_ip", addresses, "x"),
            "error: converter 'map_str_ip': the default 'x' is not an IP address");
  EXPECT_EQ(of("a", "map_str_int", addresses),
            "error: converter 'map_str_int': " + addresses + ":1: unable to parse '192.0.2.1'");
}

TEST_F(MapTest, NumbersAndNetworks) {
  std::string numbers = map("numbers", "1:10 low\n5 five\n20: high\n");
  EXPECT_EQ(eval("int(5),map_int(" + numbers + ")"), "str low");
  EXPECT_EQ(eval("int(25),map_int(" + numbers + ")"), "str high");
  EXPECT_EQ(eval("int(15),map_int(" + numbers + ",no)"), "str no");
  EXPECT_EQ(eval("int(25),map_int_key(" + numbers + ")"), "str 20:");
  std::string networks = map("networks", "192.0.0.0/8 1\n192.0.2.0/24 2\n");
  EXPECT_EQ(eval("src,map_ip(" + networks + ")"), "str 2");
  EXPECT_EQ(eval("src,map_ip_int(" + networks + ")"), "int 2");
  EXPECT_EQ(eval("str(192.9.9.9),map_ip_key(" + networks + ")"), "str 192.0.0.0/8");
}

TEST_F(MapTest, RegularExpressions) {
  std::string file = map("regexes", "^/a(.*)$ A\\1-\\0\\\\x\n(x)(y)? two\\2\n");
  EXPECT_EQ(of("/abc", "map_regm", file), "str Abc-/abc\\x");
  EXPECT_EQ(of("/abc", "map_reg", file), "str A\\1-\\0\\\\x");
  EXPECT_EQ(of("x", "map_regm", file), "str two");
  EXPECT_EQ(of("xy", "map_regm", file), "str twoy");
  EXPECT_EQ(of("z", "map_regm", file, "no"), "str no");
}

TEST_F(MapTest, EveryMethodWithEveryType) {
  std::string texts = map("texts", "a 5\n"), addresses = map("hosts", "a 192.0.2.5\n");
  const char* of_text[][5] = {
      {"map_str", "map_str_str", "map_str_int", "map_str_ip", "map_str_key"},
      {"map_beg", "map_beg_str", "map_beg_int", "map_beg_ip", "map_beg_key"},
      {"map_end", "map_end_str", "map_end_int", "map_end_ip", "map_end_key"},
      {"map_sub", "map_sub_str", "map_sub_int", "map_sub_ip", "map_sub_key"},
      {"map_dir", "map_dir_str", "map_dir_int", "map_dir_ip", "map_dir_key"},
      {"map_dom", "map_dom_str", "map_dom_int", "map_dom_ip", "map_dom_key"},
      {"map_reg", "map_reg_str", "map_reg_int", "map_reg_ip", "map_reg_key"},
  };
  for (const auto& names : of_text) {
    EXPECT_EQ(of("a", names[0], texts), "str 5");
    EXPECT_EQ(of("a", names[1], texts), "str 5");
    EXPECT_EQ(of("a", names[2], texts), "int 5");
    EXPECT_EQ(of("a", names[3], addresses), "ipv4 192.0.2.5");
    EXPECT_EQ(of("a", names[4], texts), "str a");
    for (const char* name : names) EXPECT_EQ(of("q", name, name == names[3] ? addresses : texts), "-");
  }
  std::string numbers = map("ints", "1 5\n"), networks = map("nets", "192.0.2.0/24 5\n");
  EXPECT_EQ(eval("int(1),map_int_str(" + numbers + ")"), "str 5");
  EXPECT_EQ(eval("int(1),map_int_int(" + numbers + ")"), "int 5");
  EXPECT_EQ(eval("int(1),map_int_ip(" + map("int_hosts", "1 ::1\n") + ")"), "ipv6 ::1");
  EXPECT_EQ(eval("src,map_ip_str(" + networks + ")"), "str 5");
  EXPECT_EQ(eval("src,map_ip_ip(" + map("net_hosts", "192.0.2.0/24 ::1\n") + ")"), "ipv6 ::1");
}

TEST_F(MapTest, FilesThatAreNotThere) {
  EXPECT_EQ(of("x", "map", "/nothing/here").substr(0, 52), "error: converter 'map': cannot read patterns: /nothi");
  EXPECT_EQ(of("x", "map", "opt@/nothing/here", "none"), "str none");
  EXPECT_EQ(of("x", "map", "virt@map", "none"), "str none");
  EXPECT_EQ(context_->pattern_files().find("virt@map")->add("x", "there"), "");
  EXPECT_EQ(of("x", "map", "virt@map", "none"), "str there");
}

}  // namespace
}  // namespace lbd::expr
