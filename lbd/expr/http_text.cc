#include "lbd/expr/http_text.h"

namespace lbd::expr {

std::string_view version_text(http::Version version) {
  switch (version) {
    case http::Version::http_1_0:
      return "1.0";
    case http::Version::http_1_1:
      return "1.1";
    case http::Version::http_2:
      return "2.0";
  }
  return "";
}

}  // namespace lbd::expr
