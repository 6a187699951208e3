// Messages for the tests of the cache.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <string_view>
#include <utility>

#include "lbd/http/head.h"

namespace lbd::cache {

using Fields = std::initializer_list<std::pair<std::string_view, std::string_view>>;

class CacheTest : public testing::Test {
 protected:
  http::Head request(Fields fields = {}, http::Method method = http::Method::get) {
    http::Head head(arena_);
    head.method = method;
    head.target = "/a";
    for (const auto& [name, value] : fields) head.headers.add(name, value);
    return head;
  }
  http::Head response(Fields fields = {{"cache-control", "max-age=60"}}) {
    http::Head head(arena_);
    head.status = 200;
    head.reason = "OK";
    head.body = http::BodyKind::chunked;
    for (const auto& [name, value] : fields) head.headers.add(name, value);
    return head;
  }

  base::BlockPool blocks_{4096, 4};
  base::Arena arena_{blocks_};
};

}  // namespace lbd::cache
