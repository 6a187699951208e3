// show schema json: what `show info json` and `show stat json` are made of (JSON Schema, draft 4).
// Manual: management.txt 9.3.
#include <fmt/format.h>

#include "lbd/cli/command.h"

namespace lbd::cli {
namespace {

constexpr std::string_view kItem =
    R"("field":{"$ref":"#/definitions/field"},"processNum":{"$ref":"#/definitions/processNum"},)"
    R"("tags":{"$ref":"#/definitions/tags"},"value":{"$ref":"#/definitions/typedValue"})";

constexpr std::string_view kDefinitions =
    R"("field":{"type":"object","properties":{"pos":{"type":"integer","minimum":0},"name":{"type":"string"}},)"
    R"("required":["pos","name"]},"processNum":{"type":"integer","minimum":1},)"
    R"("tags":{"type":"object","properties":{)"
    R"("origin":{"type":"string","enum":["Metric","Status","Key","Config","Product","Unknown"]},)"
    R"("nature":{"type":"string","enum":["Gauge","Limit","Min","Max","Rate","Counter","Duration","Age","Time","Name",)"
    R"("Output","Avg","Unknown"]},)"
    R"("scope":{"type":"string","enum":["Cluster","Process","Service","System","Unknown"]}},)"
    R"("required":["origin","nature","scope"]})";

// A value and the type that stands beside it.
std::string typed_value() {
  std::string all;
  const auto add = [&](std::string_view type, std::string_view value) {
    all += fmt::format(R"({}{{"type":"object","properties":{{"type":{{"enum":["{}"]}},"value":{{{}}}}},)"
                       R"("required":["type","value"]}})",
                       all.empty() ? "" : ",", type, value);
  };
  add("s32", R"("type":"integer","minimum":-2147483648,"maximum":2147483647)");
  add("s64", R"("type":"integer","minimum":-9007199254740991,"maximum":9007199254740991)");
  add("u32", R"("type":"integer","minimum":0,"maximum":4294967295)");
  add("u64", R"("type":"integer","minimum":0,"maximum":9007199254740991)");
  add("str", R"("type":"string")");
  return fmt::format(R"("typedValue":{{"oneOf":[{}]}})", all);
}

void show_schema(Invocation& invocation) {
  const std::string info =
      fmt::format(R"({{"title":"Info","type":"array","items":{{"title":"InfoItem","type":"object","properties":{{{}}},)"
                  R"("required":["field","processNum","tags","value"]}}}})",
                  kItem);
  const std::string stat = fmt::format(
      R"({{"title":"Stat","type":"array","items":{{"type":"array","items":{{"title":"StatItem","type":"object",)"
      R"("properties":{{"objType":{{"enum":["Frontend","Backend","Listener","Server","Unknown"]}},)"
      R"("proxyId":{{"type":"integer","minimum":0}},"id":{{"type":"integer","minimum":0}},{}}},)"
      R"("required":["objType","proxyId","id","field","processNum","tags","value"]}}}}}})",
      kItem);
  invocation.say(fmt::format(
      R"({{"$schema":"http://json-schema.org/draft-04/schema#","oneOf":[{},{},{}],"definitions":{{{},{}}}}})", info,
      stat, R"({"title":"Error","type":"object","properties":{"errorStr":{"type":"string"}},"required":["errorStr"]})",
      kDefinitions, typed_value()));
}

constexpr CommandRow kRows[] = {
    {.name = "show schema json", .doc = "report schema used for stats", .run = show_schema},
};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::cli
