#include "vrrpd/kernel.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"

namespace vrrpd {
namespace {

std::string path_of(const std::string& family, const std::string& interface, const std::string& name) {
  return fmt::format("/proc/sys/net/{}/conf/{}/{}", family, interface, name);
}

}  // namespace

void set_kernel(const std::string& family, const std::string& interface, const std::string& name,
                const std::string& value) {
  const std::string path = path_of(family, interface, name);
  const base::Fd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file || write(file.get(), value.data(), value.size()) < 0)
    base::log(base::Level::warning, "{}", base::Error::from_errno(path).text);
}

std::optional<std::string> get_kernel(const std::string& family, const std::string& interface,
                                      const std::string& name) {
  const auto text = base::read_file(path_of(family, interface, name));
  if (!text) return std::nullopt;
  return text->substr(0, text->find('\n'));
}

}  // namespace vrrpd
