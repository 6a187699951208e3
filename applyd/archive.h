// Archive: the revisions of the configuration of this node, and the change that is not confirmed yet, on the disk:
//   FOLDER/revisions/7/{lbd,vrrpd}.cfg, about    plain files, for a person as well
//   FOLDER/pending/…                             what was there before the change, until that is confirmed
// A folder is there whole or not at all. The oldest revisions make room when there are more than kMost.
// Life: as long as the process. Thread: one. Errors: those of the file system, with the path; a revision that cannot be
// understood is left out of the list.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "proto/change.pb.h"

namespace applyd {

class Archive {
 public:
  static constexpr size_t kMost = 100;

  explicit Archive(std::string folder) : folder_(std::move(folder)) {}
  // Makes the folders.
  base::Status open();

  // In the order of their numbers, without the texts of their files.
  std::vector<tandem::Revision> list() const;
  uint64_t last() const;
  base::Result<tandem::Revision> read(uint64_t number) const;
  base::Status add(const tandem::Revision& revision);

  base::Status keep_pending(const tandem::Revision& before);
  std::optional<tandem::Revision> pending() const;
  base::Status drop_pending();

 private:
  std::string revisions() const { return folder_ + "/revisions"; }
  std::string place_of(uint64_t number) const { return revisions() + "/" + std::to_string(number); }
  std::string pending_place() const { return folder_ + "/pending"; }
  std::vector<uint64_t> numbers() const;

  const std::string folder_;
};

}  // namespace applyd
