#include "lbd/http/quality.h"

#include <algorithm>

#include "base/strings.h"

namespace lbd::http {

int quality_of(std::string_view value) {
  constexpr int kWhole = 1000;
  for (size_t at = value.find(';'); at != std::string_view::npos; at = value.find(';', at + 1)) {
    std::string_view parameter = base::trim(value.substr(at + 1, value.find(';', at + 1) - at - 1));
    if (parameter.size() < 2 || base::to_lower(parameter[0]) != 'q' || parameter[1] != '=') continue;
    parameter.remove_prefix(2);
    if (parameter.empty() || !base::is_digit(parameter[0])) return 0;
    if (parameter[0] != '0') return kWhole;
    int quality = 0, place = kWhole / 10;
    for (size_t i = 2; i < parameter.size() && parameter[1] == '.' && base::is_digit(parameter[i]); ++i, place /= 10)
      quality += (parameter[i] - '0') * place;
    return std::min(quality, kWhole);
  }
  return kWhole;
}

}  // namespace lbd::http
