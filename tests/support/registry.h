// What holds for every self-registering table: no name stands twice, every row says in a line what it is for, and is
// named in some file under tests/. A module's own test calls expect_sound_registry<Row>() for each of its row types.
#pragma once

#include <gtest/gtest.h>

#include <cctype>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

#include "base/registry.h"

namespace support {

// The text of all files under tests/, read once.
inline const std::string& all_tests() {
  static const std::string text = [] {
    std::string out;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(TANDEM_SOURCE_DIR "/tests")) {
      if (!entry.is_regular_file() || entry.path().string().find("/fuzz/") != std::string::npos) continue;
      std::ostringstream content;
      content << std::ifstream(entry.path(), std::ios::binary).rdbuf();
      out += content.str();
      out += '\n';
    }
    return out;
  }();
  return text;
}

// As a whole word: not a part of a longer name.
inline bool is_named_in_tests(std::string_view name) {
  auto part_of_name = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.';
  };
  const std::string& text = all_tests();
  for (size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
    const bool left = at == 0 || !part_of_name(text[at - 1]);
    const size_t end = at + name.size();
    const bool right =
        end == text.size() || !part_of_name(text[end]) ||
        (text[end] == '.' && end + 1 < text.size() && std::isspace(static_cast<unsigned char>(text[end + 1])));
    if (left && right) return true;
  }
  return false;
}

// `least`: so many rows there are at any rate; an object file that the linker dropped is found by this.
template <typename Row>
void expect_sound_registry(std::string_view what, size_t least) {
  std::set<std::string_view> names;
  base::Registered<Row>::for_each([&](const Row& row) {
    EXPECT_FALSE(row.name.empty()) << what << " has a row without a name";
    EXPECT_TRUE(names.insert(row.name).second) << what << " '" << row.name << "' is registered twice";
    EXPECT_GE(row.doc.size(), 5u) << what << " '" << row.name << "' has no doc line";
    EXPECT_TRUE(is_named_in_tests(row.name)) << what << " '" << row.name << "' is named in no file under tests/";
  });
  EXPECT_GE(names.size(), least) << "rows of " << what << " are missing";
}

}  // namespace support
