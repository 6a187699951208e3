// How texts stand in HTML, JSON and Prometheus' format, and how long something is for a reader.
// Pure; any thread. Errors: none.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lbd::stats {

std::string html_escaped(std::string_view text);
// With its quotes.
void append_json(std::string& to, std::string_view text);
// Between the quotes of a label.
std::string prometheus_label(std::string_view text);
// "3m33s", "2d4h".
std::string short_duration(int64_t seconds);

}  // namespace lbd::stats
