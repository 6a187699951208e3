// The dumps of the statistics: CSV, typed and JSON, for proxies (`show stat`) and for the process (`show info`).
// Each is a loop over the rows. Bytes are those of HAProxy 2.6.
// Thread: the control thread. Errors: none. Manual: management.txt 9.1 to 9.3.
#pragma once

#include <string>

#include "lbd/stats/process.h"
#include "lbd/stats/source.h"

namespace lbd::stats {

enum class Format : uint8_t { plain, typed, json };  // plain: CSV for proxies, "Name: value" for the process

// `with_docs`: typed lines also say what each figure is.
std::string render_stat(const Source& source, const Selection& selection, Format format, base::MonoTime now,
                        bool with_docs = false);
// One field, quoted where it needs it.
void append_csv(std::string& to, std::string_view text);
// `exactly`: with fractions.
std::string render_info(const ProcessView& process, Format format, bool with_docs, bool exactly = false);

// Everything in one object: the process by names, the pair, and each proxy with its servers and their figures.
std::string render_everything(const ProcessView& process, const Selection& selection);

}  // namespace lbd::stats
