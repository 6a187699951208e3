#include "applyd/archive.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/fd.h"
#include "base/strings.h"

namespace applyd {
namespace {

namespace fs = std::filesystem;

constexpr const char* kAbout = "about";
constexpr std::string_view kFileEnd = ".cfg";
constexpr mode_t kMode = 0600;  // they may hold passwords

base::Status status_of(const std::error_code& error, const std::string& path) {
  if (!error) return {};
  return base::Err(fmt::format("{}: {}", path, error.message()));
}

// One line each; what a person wrote has no others.
std::string about(const tandem::Revision& revision) {
  return fmt::format("number {}\nwall_us {}\nauthor {}\nnote {}\n", revision.number(), revision.wall_us(),
                     revision.author(), revision.note());
}

std::optional<tandem::Revision> read_about(const std::string& folder) {
  const auto text = base::read_file(folder + "/" + kAbout);
  if (!text) return {};
  tandem::Revision revision;
  for (const std::string_view line : base::split(*text, '\n')) {
    const size_t space = std::min(line.find(' '), line.size());
    const std::string_view name = line.substr(0, space);
    const std::string value(line.substr(std::min(space + 1, line.size())));
    if (name == "number")
      revision.set_number(base::parse_int<uint64_t>(value).value_or(0));
    else if (name == "wall_us")
      revision.set_wall_us(base::parse_int<uint64_t>(value).value_or(0));
    else if (name == "author")
      revision.set_author(value);
    else if (name == "note")
      revision.set_note(value);
  }
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (entry.path().extension() == kFileEnd) revision.add_files()->set_daemon(entry.path().stem());
  if (error) return {};
  std::sort(revision.mutable_files()->begin(), revision.mutable_files()->end(),
            [](const auto& one, const auto& other) { return one.daemon() < other.daemon(); });
  return revision;
}

base::Result<tandem::Revision> read_whole(const std::string& folder) {
  auto revision = read_about(folder);
  if (!revision) return base::Err(fmt::format("{}: there is none, or it cannot be read", folder));
  for (tandem::ChangeFile& file : *revision->mutable_files())
    file.set_text(TRY(base::read_file(fmt::format("{}/{}{}", folder, file.daemon(), kFileEnd))));
  return std::move(*revision);
}

// Under another name first, so that half a folder is never taken for one.
base::Status write_whole(const std::string& folder, const tandem::Revision& revision) {
  const std::string beginning = folder + ".new";
  std::error_code error;
  fs::remove_all(beginning, error);
  fs::create_directory(beginning, error);
  TRY(status_of(error, beginning));
  const auto write = [&]() -> base::Status {
    for (const tandem::ChangeFile& file : revision.files())
      TRY(base::write_file_atomic(fmt::format("{}/{}{}", beginning, file.daemon(), kFileEnd), file.text(), kMode));
    TRY(base::write_file_atomic(fmt::format("{}/{}", beginning, kAbout), about(revision), kMode));
    fs::remove_all(folder, error);
    fs::rename(beginning, folder, error);
    return status_of(error, folder);
  };
  const base::Status written = write();
  if (!written) fs::remove_all(beginning, error);
  return written;
}

}  // namespace

base::Status Archive::open() {
  std::error_code error;
  fs::create_directories(revisions(), error);
  if (!error) fs::permissions(folder_, fs::perms::owner_all, error);
  return status_of(error, folder_);
}

std::vector<uint64_t> Archive::numbers() const {
  std::vector<uint64_t> all;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(revisions(), error))
    if (const auto number = base::parse_int<uint64_t>(entry.path().filename().string())) all.push_back(*number);
  std::sort(all.begin(), all.end());
  return all;
}

uint64_t Archive::last() const {
  const auto all = numbers();
  return all.empty() ? 0 : all.back();
}

std::vector<tandem::Revision> Archive::list() const {
  std::vector<tandem::Revision> all;
  for (const uint64_t number : numbers())
    if (auto revision = read_about(place_of(number))) all.push_back(std::move(*revision));
  return all;
}

base::Result<tandem::Revision> Archive::read(uint64_t number) const {
  std::error_code error;
  if (!fs::exists(place_of(number), error)) return base::Err(fmt::format("there is no revision {}", number));
  return read_whole(place_of(number));
}

base::Status Archive::add(const tandem::Revision& revision) {
  TRY(write_whole(place_of(revision.number()), revision));
  const auto all = numbers();
  for (size_t i = 0; i + kMost < all.size(); ++i) {
    std::error_code error;
    fs::remove_all(place_of(all[i]), error);
  }
  return {};
}

base::Status Archive::keep_pending(const tandem::Revision& before) {
  return write_whole(pending_place(), before);
}

std::optional<tandem::Revision> Archive::pending() const {
  auto revision = read_whole(pending_place());
  if (!revision) return {};
  return std::move(*revision);
}

// First the name, at once: half of it is never taken for the whole.
base::Status Archive::drop_pending() {
  const std::string over = folder_ + "/over";
  std::error_code error;
  fs::remove_all(over, error);
  if (!fs::exists(pending_place(), error)) return {};
  fs::rename(pending_place(), over, error);
  TRY(status_of(error, pending_place()));
  fs::remove_all(over, error);
  return {};
}

}  // namespace applyd
