// What version and feature questions are answered with: `.if version_atleast(…)`, feature(…), -cc, -vv.
//
// lbd speaks the language of HAProxy 3.4; the features are those of the build. Pure. Thread: any.
#pragma once

#include "cfg/cond.h"

namespace lbd::config {

// The version of the configuration language, not of lbd.
inline constexpr const char* kLanguageVersion = "3.4.0";

cfg::Platform language_platform();

}  // namespace lbd::config
