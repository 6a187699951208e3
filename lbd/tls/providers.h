// Providers of OpenSSL that a configuration asks for: they stay loaded for the life of the process. One that is named
// keeps OpenSSL from loading its default one by itself, which then has to be named, too.
// Thread: one load. Errors: Diagnostics, at the word. Manual: HAProxy 2.8, 3.1 (ssl-provider, ssl-propquery).
#pragma once

#include "cfg/diag.h"
#include "lbd/config/global.h"

namespace lbd::tls {

// False after an error: without a provider OpenSSL can do nothing.
bool load_providers(const config::Global& global, cfg::Diagnostics& diagnostics);

}  // namespace lbd::tls
