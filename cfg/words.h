// The lexer of the haproxy.cfg language: a line becomes words (HAProxy manual 2.1 to 2.3).
//
// Blanks separate words; '#' outside quotes starts a comment even within a word; a backslash outside quotes protects
// blank, '#', '\', quotes and writes \n \r \t \xNN; "weak" quotes keep the escapes (and \$) and expand ${NAME},
// $NAME, ${NAME-default}, ${NAME[*]} and the pseudo variables ${.FILE} ${.LINE} ${.SECTION}; 'strong' quotes keep
// everything. Any other backslash stays as it is, so that regular expressions need no doubling. A backslash that is
// the last character of a line outside quotes and comments joins the next line; all words keep the place where they
// stand in the file.
// Pure but for the diagnostics that it adds. Thread: one load. Owner of the text: the Source.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cfg/diag.h"
#include "cfg/environment.h"
#include "cfg/source.h"

namespace cfg {

struct Word {
  std::string text;
  Location loc;

  // A place inside the word, for an error in the middle of an expression: exact when the word was written plainly or
  // simply quoted, the whole word when escapes or variables moved its characters.
  Location at(size_t offset, size_t length = 1) const;

  bool operator==(std::string_view other) const { return text == other; }
};

// What variables mean at a line.
struct LexContext {
  const Environment* environment = nullptr;
  std::string_view section;  // ${.SECTION}
};

struct LexedLine {
  std::vector<Word> words;  // empty: a blank line or only a comment
  uint32_t lines = 1;       // how many lines of the file it took
  bool ok = true;           // false: an error was reported, the words are not to be used
};

LexedLine lex_line(const Source& source, uint32_t line, const LexContext& context, Diagnostics& diagnostics);

// Variables in the text of an address, which expand without quotes too: ${NAME}, ${NAME-default}, $NAME.
// Unknown names without default become empty. False: a brace is not closed.
bool expand_variables(std::string_view text, const Environment& environment, std::string& out);

}  // namespace cfg
