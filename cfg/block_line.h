// One line of a keepalived.conf, after substitution, as words and braces; and where its comment begins, before.
//
// Quotes and escapes are those of keepalived.conf(5), "Quoted strings"; escapes count outside quotes too. Braces
// outside quotes are tokens wherever they stand, but for those of an unknown ${NAME}, which stays a word.
// Pure but for the diagnostics. Thread: one load.
#pragma once

#include <optional>
#include <vector>

#include "cfg/diag.h"
#include "cfg/parameters.h"
#include "cfg/words.h"

namespace cfg {

struct BlockToken {
  enum class Kind : uint8_t { word, open, close } kind;
  Word word;  // of a brace only its place counts
};

// Where the text proper ends: at '#' or '!' outside quotes, or at the end.
size_t comment_at(const Text& line);

// Nothing after an error, which has been reported: a quote that is not closed.
std::optional<std::vector<BlockToken>> lex_block_line(const Text& line, Diagnostics& diagnostics);

}  // namespace cfg
