// The lexer of the keepalived.conf language: files → a tree of words. It knows no keyword.
//
//   vrrp_instance VI_1 {            Block{words: vrrp_instance VI_1, body: …}
//     track_interface { eth0 }        Block{words: track_interface, body: [Block{words: eth0}]}
//     priority 100                    Block{words: priority 100}
//   }
//
// Lines separate statements; '#' and '!' outside quotes begin a comment anywhere; '{' may stand on the same line or
// on a later one, with or without blanks around it; quotes " and ' are taken off, inside words too, and the escapes
// of keepalived.conf(5) are read. Line prefixes: @id and @^id (only, or not, for that configuration id), $NAME=value
// (see parameters.h), ~SEQ(…) and ~LST(…), which repeat the rest of the line; include, includer, includem, includew,
// includeb, includea with globs, relative to the file that says so.
//
// What keepalived would complain about and go on is an alert in the diagnostics, and what was readable is in the
// tree: the caller decides whether that may run. Only a file given by path that cannot be read at all gives an Error.
// Owner of the texts: the SourceSet. Thread: one load.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cfg/diag.h"
#include "cfg/words.h"

namespace cfg {

struct Block {
  std::vector<Word> words;  // empty only for a '{' that belongs to nothing
  std::vector<Block> body;
  bool braced = false;  // there was a body, be it an empty one

  const Word& keyword() const { return words.front(); }
  std::string_view operator[](size_t index) const {
    return index < words.size() ? std::string_view(words[index].text) : std::string_view();
  }
  // The place of a word, or that behind the last one when it is missing.
  Location at(size_t index) const;
};

struct BlockContext {
  std::string id;                      // of @id; also ${_INSTANCE}
  size_t expansion_limit = 64u << 20;  // bytes that substitutions and repetitions may produce
};

// The first part of the node's name: what `id` is unless -i says otherwise.
std::string default_config_id();

base::Result<std::vector<Block>> read_blocks(SourceSet& sources, const std::string& path, const BlockContext& context,
                                             Diagnostics& diagnostics);
// The same for a text that is in the set already.
std::vector<Block> parse_blocks(SourceSet& sources, const Source& source, const BlockContext& context,
                                Diagnostics& diagnostics);

}  // namespace cfg
