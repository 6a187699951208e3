// A folder of its own for a test, with files in it; gone when the test is.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace support {

class TempFolder {
 public:
  TempFolder() {
    char name[] = "/tmp/tandem-test-XXXXXX";
    path_ = mkdtemp(name);
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::string& path() const { return path_; }
  // The whole path of a file of it, now with this content.
  std::string file(const std::string& name, const std::string& content) const {
    const std::string whole = path_ + "/" + name;
    std::filesystem::create_directories(std::filesystem::path(whole).parent_path());
    std::ofstream(whole, std::ios::binary) << content;
    return whole;
  }

 private:
  std::string path_;
};

}  // namespace support
