// Texts as exec(3) wants them: pointers, with a null behind the last.
// Life: as long as the texts. Thread: any. Errors: none.
#pragma once

#include <string>
#include <vector>

namespace base {

inline std::vector<char*> exec_words(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

}  // namespace base
