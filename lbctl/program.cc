#include "lbctl/program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "base/beside.h"
#include "base/fd.h"

namespace lbctl {
namespace {

constexpr int kNotStarted = 127;

// A file in memory with the text, read from its beginning.
base::Result<base::Fd> file_with(const std::string& text) {
  base::Fd file(::memfd_create("input", MFD_CLOEXEC));
  if (!file) return base::Err(base::Error::from_errno("memfd_create"));
  for (size_t at = 0; at < text.size();) {
    ssize_t written = ::write(file.get(), text.data() + at, text.size() - at);
    if (written < 0) return base::Err(base::Error::from_errno("write"));
    at += static_cast<size_t>(written);
  }
  ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

std::string read_to_end(int fd) {
  std::string all;
  std::array<char, 65536> room;
  for (ssize_t got; (got = ::read(fd, room.data(), room.size())) > 0;)
    all.append(room.data(), static_cast<size_t>(got));
  return all;
}

}  // namespace

base::Result<Ended> run_program(const std::string& name, const std::vector<std::string>& arguments,
                                const std::string& input_text) {
  base::Fd input = TRY(file_with(input_text));
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) < 0) return base::Err(base::Error::from_errno("pipe"));
  base::Fd output(ends[0]), theirs(ends[1]);
  const std::string program = base::program_beside(name);
  std::vector<const char*> words = {program.c_str()};
  for (const std::string& argument : arguments) words.push_back(argument.c_str());
  words.push_back(nullptr);
  pid_t pid = ::fork();
  if (pid < 0) return base::Err(base::Error::from_errno("fork"));
  if (pid == 0) {
    ::dup2(input.get(), STDIN_FILENO);
    ::dup2(theirs.get(), STDOUT_FILENO);
    ::execvp(program.c_str(), const_cast<char* const*>(words.data()));
    ::_exit(kNotStarted);
  }
  theirs.reset();
  Ended ended{.code = 0, .output = read_to_end(output.get())};
  int status = 0;
  ::waitpid(pid, &status, 0);
  ended.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  if (ended.code == kNotStarted) return base::Err(base::Error::invalid(fmt::format("cannot start {}", program)));
  return ended;
}

}  // namespace lbctl
