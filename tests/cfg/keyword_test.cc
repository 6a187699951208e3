#include "cfg/keyword.h"

#include <gtest/gtest.h>

namespace cfg {
namespace {

struct Inner {
  uint32_t size = 0;
};
struct Model {
  bool flag = false;
  uint16_t port = 0;
  base::Millis wait{0};
  base::Seconds pause{0};
  std::optional<base::Millis> maybe;
  std::string name;
  std::vector<std::string> list;
  Inner inner;
  int mode = 0;
  bool power = false;
};

constexpr Keyword<Model> kRows[] = {
    {.name = "flag", .doc = "A flag.", .set = field<&Model::flag>()},
    {.name = "port", .doc = "A port.", .set = field<&Model::port>({1, 1024})},
    {.name = "timeout wait", .doc = "A time.", .set = field<&Model::wait>()},
    {.name = "timeout maybe", .doc = "An optional time.", .set = field<&Model::maybe>()},
    {.name = "timeout", .doc = "Seconds.", .set = field<&Model::pause>()},
    {.name = "name", .doc = "A text.", .set = field<&Model::name>()},
    {.name = "list", .doc = "Texts.", .set = field<&Model::list>()},
    {.name = "size", .doc = "A size.", .set = size<&Model::inner, &Inner::size>({0, 1 << 20})},
    {.name = "mode fast", .doc = "A constant.", .set = set_to<7, &Model::mode>()},
    {.name = "power", .doc = "A switch.", .set = on_off<&Model::power>()},
    {.name = "sum",
     .doc = "A handler.",
     .set =
         [](Args& args, Model& model) {
           auto a = args.take<int>(), b = args.take<int>();
           if (a && b) model.mode = *a + *b;
         }},
};
const base::Registered<Keyword<Model>> kEnrol(kRows);

struct Ran {
  Model model;
  std::string said;
};

Ran run(const std::string& line, Form form = Form::plain) {
  Source source("a", line + "\n");
  Diagnostics diagnostics;
  Environment environment;
  Statement statement;
  statement.words = lex_line(source, 1, {}, diagnostics).words;
  Ran out;
  auto match = Keywords<Model>::match(statement, 0);
  if (!match.row) {
    out.said = "unknown";
    return out;
  }
  Args args(statement, match.words, diagnostics, environment, form);
  match.row->set(args, out.model);
  args.expect_end();
  for (const Diagnostic& d : diagnostics.all()) out.said += std::to_string(d.column) + " " + d.text + "\n";
  return out;
}

TEST(KeywordTest, FieldsByType) {
  EXPECT_TRUE(run("flag").model.flag);
  EXPECT_FALSE(run("flag", Form::no).model.flag);
  EXPECT_EQ(run("port 80").model.port, 80);
  EXPECT_EQ(run("timeout wait 5s").model.wait, base::Millis(5000));
  EXPECT_EQ(run("timeout wait 1us").model.wait, base::Millis(1)) << "never rounded to zero";
  EXPECT_EQ(run("timeout maybe 5").model.maybe, base::Millis(5));
  EXPECT_EQ(run("timeout 5").model.pause, base::Seconds(5));
  EXPECT_EQ(run("name \"a b\"").model.name, "a b");
  EXPECT_EQ(run("list a b c").model.list, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(run("size 16k").model.inner.size, 16384u);
  EXPECT_EQ(run("mode fast").model.mode, 7);
  EXPECT_TRUE(run("power on").model.power);
  EXPECT_EQ(run("sum 3 4").model.mode, 7);
}

TEST(KeywordTest, EveryMistakeHasItsPlace) {
  EXPECT_EQ(run("port 2000").said, "6 'port' must be between 1 and 1024 (was 2000)\n");
  EXPECT_EQ(run("port").said, "5 'port' expects a number\n");
  EXPECT_EQ(run("port 80 81").said, "9 'port' cannot handle the unexpected argument '81'\n");
  EXPECT_EQ(run("flag x").said, "6 'flag' cannot handle the unexpected argument 'x'\n");
  EXPECT_EQ(run("timeout wait x").said, "14 'timeout wait' expects a time such as 500ms, 30s or 5m, not 'x'\n");
  EXPECT_EQ(run("power maybe").said, "7 'power' expects 'on' or 'off', not 'maybe'\n");
  EXPECT_EQ(run("size 2m").said, "6 'size' must be between 0 and 1048576 (was 2097152)\n");
  EXPECT_EQ(run("sum 3").said, "6 'sum' expects a number\n");
  EXPECT_EQ(run("list").said, "5 'list' expects an argument\n");
  EXPECT_EQ(run("nothing").said, "unknown");
  EXPECT_EQ(run("mode slow").said, "unknown");
}

TEST(KeywordTest, CandidatesForASuggestion) {
  Source source("a", "timeout wiat\nprot\n");
  Diagnostics diagnostics;
  Statement statement;
  size_t which = 9;
  statement.words = lex_line(source, 1, {}, diagnostics).words;
  auto seconds = Keywords<Model>::candidates(statement, 0, which);
  EXPECT_EQ(which, 1u);
  EXPECT_NE(std::find(seconds.begin(), seconds.end(), "wait"), seconds.end());
  statement.words = lex_line(source, 2, {}, diagnostics).words;
  auto firsts = Keywords<Model>::candidates(statement, 0, which);
  EXPECT_EQ(which, 0u);
  EXPECT_NE(std::find(firsts.begin(), firsts.end(), "port"), firsts.end());
}

TEST(KeywordTest, Choices) {
  Source source("a", "log sometims\n");
  Diagnostics diagnostics;
  Environment environment;
  Statement statement;
  statement.words = lex_line(source, 1, {}, diagnostics).words;
  Args args(statement, 1, diagnostics, environment);
  EXPECT_FALSE(args.take_choice({"never", "sometimes"}));
  EXPECT_EQ(diagnostics.all()[0].hint, "did you mean 'sometimes'?");
}

}  // namespace
}  // namespace cfg
