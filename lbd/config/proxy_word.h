// ProxyWord: a row of the words of defaults, frontend, backend and listen sections (manual 4.2), and what its
// `sections` and `flags` mean.
//
// A word that needs a side which its section lacks ("balance" in a frontend) is ignored with a warning, or refused when
// the row is strict, exactly where HAProxy does the one or the other. Thread: static.
#pragma once

#include "cfg/keyword.h"
#include "lbd/config/proxy.h"
#include "lbd/config/section.h"

namespace lbd::config {

using ProxyWord = cfg::Keyword<Proxy>;

// sections: where the word may stand.
inline constexpr uint32_t kInFrontend = 1;
inline constexpr uint32_t kInBackend = 2;
inline constexpr uint32_t kInDefaults = 4;
inline constexpr uint32_t kInNamedDefaults = 8;  // in those with a name only
inline constexpr uint32_t kInProxies = kInFrontend | kInBackend;
inline constexpr uint32_t kFrontendSide = kInFrontend | kInDefaults;
inline constexpr uint32_t kBackendSide = kInBackend | kInDefaults;
inline constexpr uint32_t kEverySide = kInProxies | kInDefaults;

// flags, with kNegatable
inline constexpr uint32_t kStrict = 2;  // refused, not ignored, where the side is missing

}  // namespace lbd::config
