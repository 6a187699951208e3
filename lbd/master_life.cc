#include "lbd/master_life.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/exec_words.h"
#include "base/fd.h"
#include "base/process.h"
#include "lbd/handover.h"

namespace lbd {
namespace {

constexpr const char* kVariable = "TANDEM_MASTER_STATE";

std::vector<int> descriptors_of(const tandem::MasterState& state) {
  std::vector<int> all(state.sockets().begin(), state.sockets().end());
  for (const auto& worker : state.workers()) all.push_back(worker.leash());
  for (const auto& socket : state.stock()) all.push_back(socket.fd());
  all.push_back(state.directory());
  return all;
}

}  // namespace

bool is_newer_program(const std::string& executable) {
  struct stat ours {};
  struct stat there {};
  if (::stat("/proc/self/exe", &ours) < 0 || ::stat(executable.c_str(), &there) < 0) return false;
  return ours.st_dev != there.st_dev || ours.st_ino != there.st_ino;
}

base::Error begin_next_life(const std::string& executable, std::vector<std::string> arguments,
                            const tandem::MasterState& state) {
  base::Fd file(::memfd_create("master", MFD_CLOEXEC));
  if (!file || !state.SerializeToFileDescriptor(file.get())) return base::Error::from_errno("memfd_create");
  std::vector<int> kept = descriptors_of(state);
  kept.push_back(file.get());
  std::vector<std::string> environment = base::current_environment();
  environment.push_back(fmt::format("{}={}", kVariable, file.get()));
  std::vector<char*> argv = base::exec_words(arguments), envp = base::exec_words(environment);
  base::block_control_signals();
  for (const int fd : kept) (void)base::Fd::set_cloexec(fd, false);
  ::execve(executable.c_str(), argv.data(), envp.data());
  const base::Error error = base::Error::from_errno(executable);
  for (const int fd : kept) (void)base::Fd::set_cloexec(fd, true);
  base::unblock_control_signals();
  return error;
}

std::optional<tandem::MasterState> former_life() {
  const base::Fd file = take_descriptor(kVariable);
  tandem::MasterState state;
  if (!file || ::lseek(file.get(), 0, SEEK_SET) < 0 || !state.ParseFromFileDescriptor(file.get())) return {};
  for (const int fd : descriptors_of(state)) (void)base::Fd::set_cloexec(fd, true);
  return state;
}

}  // namespace lbd
