// The scripts of the checks that know a protocol, by the words behind their option, which were checked at load. Each is
// in the file of its row. Pure; thread: control thread. Manual: 4.2 option redis-check and the like.
#pragma once

#include "lbd/check/turns.h"

namespace lbd::check::scripts {

Script redis(const std::vector<std::string>& words);
Script mysql(const std::vector<std::string>& words);  // none, or: user NAME [pre-41|post-41]
Script pgsql(const std::vector<std::string>& words);  // user NAME
Script smtp(const std::vector<std::string>& words);   // [HELO|EHLO DOMAIN]
Script ldap(const std::vector<std::string>& words);
Script spop(const std::vector<std::string>& words);
Script ssl_hello(const std::vector<std::string>& words);

}  // namespace lbd::check::scripts
