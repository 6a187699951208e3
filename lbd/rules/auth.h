// Asking for a password: the action `auth`, and what `stats auth` makes of itself. Life: in the storage of the rules.
// Manual: 4.2 http-request auth, stats auth.
#pragma once

#include <string>

#include "lbd/rules/action.h"

namespace lbd::rules {

// Answers 401 (407 to who talks to us as to a proxy) with a challenge; users of `unless` pass. `realm` must outlive it.
const Action* ask_for_password(expr::Storage& storage, const ErrorPages& errors, std::string_view realm,
                               const config::UserList* unless = nullptr);

}  // namespace lbd::rules
