// The dump that SIGUSR1 writes: configuration and state in the words of keepalived's /tmp/keepalived.data, since
// scripts read "State = MASTER" and the like from it; and the statistics of SIGUSR2. Pure text, but for write_dump(),
// which never follows a link that somebody has put in its way.
#pragma once

#include <string>

namespace vrrpd {

class Daemon;

std::string dump(const Daemon& daemon);
std::string dump_stats(const Daemon& daemon);
void write_dump(const std::string& path, const std::string& text);

}  // namespace vrrpd
