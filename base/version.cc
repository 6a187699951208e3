#include "base/version.h"

namespace base {

const std::string_view kVersion = TANDEM_VERSION;
const std::string_view kReleaseDate = TANDEM_DATE;

}  // namespace base
