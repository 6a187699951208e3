#include "cfg/statement.h"

namespace cfg {

Location Statement::at(size_t index) const {
  if (index < words.size()) return words[index].loc;
  Location end = words.empty() ? loc : words.back().loc;
  end.column += end.length;
  end.length = 1;
  return end;
}

std::string Statement::join(size_t from) const {
  std::string out;
  for (size_t i = from; i < words.size(); ++i) {
    if (i != from) out += ' ';
    out += words[i].text;
  }
  return out;
}

}  // namespace cfg
