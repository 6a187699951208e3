// GlobalWord: a row of the words of the `global` section (manual 3.1 to 3.3). Several global sections are one.
// Thread: static.
#pragma once

#include "cfg/keyword.h"
#include "lbd/config/global.h"
#include "lbd/config/section.h"

namespace lbd::config {

using GlobalWord = cfg::Keyword<Global>;

// A setter for words that other parts read from Global::other_lines.
void keep_global_line(cfg::Args& args, Global& global);

// A setter for words of HAProxy's own machinery that have no counterpart here and no meaning to lose: read over.
void skip_line(cfg::Args& args, Global& global);

}  // namespace lbd::config
