#include "cfg/blocks.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "base/fd.h"

namespace cfg {
namespace {

std::string show(const std::vector<Block>& blocks) {
  std::string out;
  for (const Block& block : blocks) {
    if (!out.empty()) out += "; ";
    for (size_t i = 0; i < block.words.size(); ++i) {
      if (i) out += ' ';
      const std::string& text = block.words[i].text;
      out += text.find(' ') == std::string::npos && !text.empty() ? text : '<' + text + '>';
    }
    if (block.braced) out += block.body.empty() ? " {}" : " { " + show(block.body) + " }";
  }
  return out;
}

struct Parsed {
  SourceSet sources;
  Diagnostics diagnostics;
  std::vector<Block> blocks;

  explicit Parsed(const std::string& text, const std::string& id = "main") {
    BlockContext context;
    context.id = id;
    context.expansion_limit = 100'000;
    blocks = parse_blocks(sources, *sources.add("/etc/keepalived/test.conf", text), context, diagnostics);
  }
  std::string tree() const { return show(blocks); }
};

std::string tree_of(const std::string& text) {
  Parsed parsed(text);
  EXPECT_EQ(parsed.diagnostics.render(), "");
  return parsed.tree();
}

struct Case {
  const char* text;
  const char* tree;
};

TEST(Blocks, Structure) {
  const Case cases[] = {
      {"", ""},
      {"a b\nc", "a b; c"},
      {"a {\n b\n}\nc", "a { b }; c"},
      {"a\n\n{\n b\n}", "a { b }"},
      {"a { b c }", "a { b c }"},
      {"a{b{c}}", "a { b { c } }"},
      {"a { }", "a {}"},
      {"a {\n b { c } d }", "a { b { c }; d }"},
      {"a {\r\n\tb\r\n}\r\n", "a { b }"},
  };
  for (const Case& c : cases) EXPECT_EQ(tree_of(c.text), c.tree) << c.text;
}

TEST(Blocks, Comments) {
  const Case cases[] = {
      {"! Configuration File\na # b\n#c\nd", "a; d"},
      {"a one!two", "a one"},
      {"a abc#def", "a abc"},
      {"a \"b # c ! d\" e # f", "a <b # c ! d> e"},
      {"a 'b # c' ! \"unclosed in a comment", "a <b # c>"},
      {"a { # comment }\n b\n}", "a { b }"},
  };
  for (const Case& c : cases) EXPECT_EQ(tree_of(c.text), c.tree) << c.text;
}

TEST(Blocks, QuotesAndEscapes) {
  const Case cases[] = {
      {R"(a "b c" 'd e')", "a <b c> <d e>"},
      {R"(abcd" efg h jkl "mnop)", "<abcd efg h jkl mnop>"},
      {R"(a "")", "a <>"},
      {R"(a "x 'y' z")", "a <x 'y' z>"},
      {R"(a "\"q\" \\")", "a <\"q\" \\>"},
      {R"(a \x41\102\x4g)", "a AB\x04g"},
      {R"(a \cA\t)", "a \x01\t"},
      {R"(a b\ c)", "a <b c>"},
      {R"(a "{ }")", "a <{ }>"},
  };
  for (const Case& c : cases) EXPECT_EQ(tree_of(c.text), c.tree) << c.text;
}

TEST(Blocks, Parameters) {
  const Case cases[] = {
      {"$P=17\na $P ${P}x $Px", "a 17 17x $Px"},
      {"a $UNKNOWN ${UNKNOWN} {", "a $UNKNOWN ${UNKNOWN} {}"},
      {"$B=10.2.${S}\n$S=0\na ${B}.1\n$S=10\na ${B}.1", "a 10.2.0.1; a 10.2.10.1"},
      {"$E=\na x${E}y", "a xy"},
      {"$T=b c\na '$T '\"${T}\"", "a <b c b c>"},
      {"a${_HASH}b${_BANG}", "a#b!"},
      {"a ${_PWD} ${_INSTANCE}", "a /etc/keepalived main"},
  };
  for (const Case& c : cases) {
    Parsed parsed(c.text);
    EXPECT_EQ(parsed.tree(), c.tree) << c.text;
  }
  ::setenv("TANDEM_BLOCKS_TEST", "secret", 1);
  EXPECT_EQ(tree_of("a ${_ENV TANDEM_BLOCKS_TEST}"), "a secret");
  EXPECT_EQ(tree_of("a ${_RANDOM 7 7}"), "a 7");
}

TEST(Blocks, DefinitionsOfSeveralLines) {
  EXPECT_EQ(tree_of("$INSTANCE= \\\n"
                    "instance VI_${NUM} { \\\n"
                    "  interface eth0.${NUM} \\\n"
                    "\n"
                    "  @main priority 130 \\\n"
                    "  @other priority 120 \\\n"
                    "}\n"
                    "$NUM=0\n$INSTANCE\n$NUM=1\n$INSTANCE\n"),
            "instance VI_0 { interface eth0.0; priority 130 }; instance VI_1 { interface eth0.1; priority 130 }");
  // Nested, with definitions inside that hold for the lines after them.
  EXPECT_EQ(tree_of("$RS= \\\nreal ${N} { \\\nweight 1 \\\n}\n"
                    "$VS= \\\nvirtual { \\\n$N=1 \\\n$RS \\\n$N=2 \\\n$RS \\\n}\n"
                    "$VS\n"),
            "virtual { real 1 { weight 1 }; real 2 { weight 1 } }");
}

TEST(Blocks, Conditions) {
  const Case cases[] = {
      {"@main a\n@other b\n@^main c\n@^other d", "a; d"}, {"@main $P=1\n@other $P=2\na $P", "a 1"},
      {"$IF=@main\n$IF a\n$IFNOT=@^main\n$IFNOT b", "a"}, {"@^other @main a", "a"},
      {"a {\n @other b {\n @other }\n c\n}", "a { c }"},
  };
  for (const Case& c : cases) EXPECT_EQ(tree_of(c.text), c.tree) << c.text;
}

TEST(Blocks, Sequences) {
  const Case cases[] = {
      {"~SEQ(S, 0, 3) ip 10.0.${S}.1", "ip 10.0.0.1; ip 10.0.1.1; ip 10.0.2.1; ip 10.0.3.1"},
      {"~SEQ(S, 2) a $S", "a 1; a 2"},
      {"~SEQ(S, -2) a $S", "a -1; a -2"},
      {"~SEQ(S, 3, 1) a $S", "a 3; a 2; a 1"},
      {"~SEQ(S, 1, 5, 11) a $S", "a 1; a 6; a 11"},
      {"~SEQx(S, 0x90, 0x10, 0xb0) a ${S}:1", "a 90:1; a a0:1; a b0:1"},
      {"~SEQ(A, 1, 2) ~SEQ(B, 1, 2) x ${A}${B}", "x 11; x 12; x 21; x 22"},
      {"$N=2\n~SEQ(S, 1, $N ) a $S", "a 1; a 2"},
      {"~SEQ(S, 1, 2) @main a $S", "a 1; a 2"},
      {"$V= \\\nx ${S} { \\\n y \\\n}\n~SEQ(S,1,2) $V", "x 1 { y }; x 2 { y }"},
      {"~LST(I, 5, a b, 7) x ${I}", "x 5; x a b; x 7"},
      {"~LST({I, J}, {10,1},{20,4}) 192.${I}.${J}", "192.10.1; 192.20.4"},
      {"~LST(I, 1, 2) ~SEQ(J, 8, 9) x${I}${J}", "x18; x19; x28; x29"},
  };
  for (const Case& c : cases) EXPECT_EQ(tree_of(c.text), c.tree) << c.text;
}

TEST(Blocks, FaultsAreReportedAndTheRestIsRead) {
  struct Fault {
    const char* text;
    const char* tree;
    const char* message;
    uint32_t line, column;
  };
  const Fault faults[] = {
      {"a {\n b", "a { b }", "this '{' is never closed", 1, 3},
      {"a\n}\nb", "a; b", "unexpected '}': no block is open", 2, 1},
      {"{\n b\n}", " { b }", "unexpected '{': no keyword stands before it", 1, 1},
      {"a {\n} {\n b }", "a {};  { b }", "unexpected '{': no keyword stands before it", 2, 3},
      {"a \"b\nc", "c", "quote is not closed on this line", 1, 3},
      {"$A=x$A\nb ${A}", nullptr, "the parameters of this line do not end", 2, 1},
      {"~SEQ(1, 2) a", "", "expected ~SEQ(name, start, step, end) with numbers, and a step that is not 0", 1, 1},
      {"~SEQ(A, 1, 0, 2) a", "", "expected ~SEQ(name, start, step, end) with numbers, and a step that is not 0", 1, 1},
      {"~SEQ(A, 1", "", "expected ~SEQ(…), ~SEQx(…) or ~LST(…)", 1, 1},
      {"~SEQ(A, 1, 1000000000) a", nullptr, "too many repetitions", 1, 1},
      {"~LST({A,B}, {1}) a", "", "'{1}' has 1 values for 2 names", 1, 1},
  };
  for (const Fault& f : faults) {
    SCOPED_TRACE(f.text);
    Parsed parsed(f.text);
    if (f.tree) {
      EXPECT_EQ(parsed.tree(), f.tree);
    }
    ASSERT_EQ(parsed.diagnostics.errors(), 1u) << parsed.diagnostics.render();
    const Diagnostic& diagnostic = parsed.diagnostics.all()[0];
    EXPECT_EQ(diagnostic.text, f.message);
    EXPECT_EQ(diagnostic.line, f.line);
    EXPECT_EQ(diagnostic.column, f.column);
  }
}

TEST(Blocks, WordsKnowWhereTheyStand) {
  Parsed parsed("$P=17\na {\n  priority ${P}0 # comment\n  bogus\n}");
  const Block& priority = parsed.blocks[0].body[0];
  EXPECT_EQ(priority.words[0].loc.line, 3u);
  EXPECT_EQ(priority.words[0].loc.column, 3u);
  EXPECT_EQ(priority.words[0].loc.length, 8u);
  EXPECT_EQ(priority.words[1].text, "170");
  EXPECT_EQ(priority.words[1].loc.line, 1u);  // where its value was written
  EXPECT_EQ(parsed.blocks[0].body[1].words[0].loc.line, 4u);
  EXPECT_EQ(parsed.blocks[0].body[1].at(1).column, 8u);
}

TEST(Blocks, DeepNestingEnds) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += "a {\n";
  Parsed parsed(text);
  EXPECT_TRUE(parsed.diagnostics.has_errors());
}

class BlockFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "blocks.XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    ASSERT_EQ(mkdir((directory_ + "/conf.d").c_str(), 0700), 0);
  }
  void TearDown() override {
    for (const std::string& file : files_) unlink(file.c_str());
    rmdir((directory_ + "/conf.d").c_str());
    rmdir(directory_.c_str());
  }
  void write(const std::string& name, const std::string& text) {
    files_.push_back(directory_ + '/' + name);
    ASSERT_TRUE(base::write_file_atomic(files_.back(), text));
  }
  std::string read(Diagnostics& diagnostics) {
    SourceSet sources;
    BlockContext context;
    const auto blocks = read_blocks(sources, directory_ + "/main.conf", context, diagnostics);
    return blocks ? show(*blocks) : blocks.error().text;
  }
  std::string directory_;
  std::vector<std::string> files_;
};

TEST_F(BlockFiles, IncludeIsRelativeToTheFileThatSaysIt) {
  write("main.conf", "a\ninclude conf.d/*.conf\nb ${_PWD}\n");
  write("conf.d/1.conf", "one {\n include 2.inc\n}\n");
  write("conf.d/2.inc", "two\n");
  write("conf.d/3.conf", "three\n");
  Diagnostics diagnostics;
  EXPECT_EQ(read(diagnostics), "a; one { two }; three; b " + directory_);
  EXPECT_EQ(diagnostics.render(), "");
}

TEST_F(BlockFiles, IncludeThatFindsNothing) {
  struct Include {
    const char* word;
    Severity severity;
  };
  const Include includes[] = {{"include none.conf", Severity::warning}, {"include none*", Severity::notice},
                              {"includem none.conf", Severity::alert},  {"includem none*", Severity::notice},
                              {"includew none*", Severity::alert},      {"includea none*", Severity::alert},
                              {"includer none.conf", Severity::warning}};
  for (const Include& include : includes) {
    write("main.conf", std::string(include.word) + "\nb\n");
    Diagnostics diagnostics;
    EXPECT_EQ(read(diagnostics), "b");
    ASSERT_EQ(diagnostics.all().size(), 1u) << include.word;
    EXPECT_EQ(diagnostics.all()[0].severity, include.severity) << include.word;
  }
}

TEST_F(BlockFiles, IncludeOfItselfEnds) {
  write("main.conf", "a\ninclude main.conf\n");
  Diagnostics diagnostics;
  read(diagnostics);
  EXPECT_TRUE(diagnostics.has_errors());
}

TEST_F(BlockFiles, AMissingFileIsAnError) {
  Diagnostics diagnostics;
  EXPECT_NE(read(diagnostics).find("No such file"), std::string::npos);
}

}  // namespace
}  // namespace cfg
