// The words of keepalived.conf that vrrpd knows, from their rows: for vrrpd(8) and for whoever wants to know.
// Pure. Any thread.
#pragma once

#include <string>

namespace vrrpd {

// One word a line, ordered: block, TAB, word, TAB, what it is. The words of the file itself are those of "".
std::string word_list();

}  // namespace vrrpd
