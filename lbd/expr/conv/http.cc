// Converters of what HTTP writes into its fields and targets: escapes, hosts, languages, parameters.
// Manual: 7.3.1 (url_dec, url_enc, host_only, port_only, language, param).
#include <algorithm>

#include "base/strings.h"
#include "lbd/expr/row.h"
#include "lbd/expr/text_builder.h"
#include "lbd/http/uri.h"

namespace lbd::expr {
namespace {

// '+' is a blank in forms, and in a target behind the '?'.
bool url_dec(const ConverterCall& call, Transaction& t, Value& value) {
  std::string_view from = value.view();
  bool form = call.arg(0).number != 0;
  char* begin = t.arena.alloc_chars(from.size());
  char* to = begin;
  for (size_t i = 0; i < from.size(); ++i) {
    char c = from[i];
    if (c == '%') {
      int high = i + 2 < from.size() ? base::hex_digit(from[i + 1]) : -1;
      int low = high >= 0 ? base::hex_digit(from[i + 2]) : -1;
      if (low < 0) return false;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && form) {
      c = ' ';
    } else if (c == '?') {
      form = true;
    }
    *to++ = c;
  }
  value.set_text({begin, static_cast<size_t>(to - begin)});
  return true;
}

bool prepare_url_enc(Prepare& prepare) {
  if (prepare.args[0].text.empty() || prepare.args[0].text == "query") return true;
  prepare.error = "the only type is query";
  return false;
}

// All but the unreserved characters of RFC 3986, 2.3.
bool url_enc(const ConverterCall&, Transaction& t, Value& value) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string_view from = value.view();
  char* begin = t.arena.alloc_chars(3 * from.size());
  char* to = begin;
  for (char c : from) {
    char lower = base::to_lower(c);
    if ((lower >= 'a' && lower <= 'z') || base::is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      *to++ = c;
      continue;
    }
    auto byte = static_cast<uint8_t>(c);
    *to++ = '%';
    *to++ = kDigits[byte >> 4];
    *to++ = kDigits[byte & 15];
  }
  value.set_text({begin, static_cast<size_t>(to - begin)});
  return true;
}

// Where ":port" begins in "host:port" or "[address]:port"; its size without one.
size_t port_of(std::string_view host) {
  size_t at = host.find_last_of(":]");
  return at == std::string_view::npos || host[at] == ']' ? host.size() : at;
}

bool host_only(const ConverterCall&, Transaction& t, Value& value) {
  std::string_view host = value.view().substr(0, port_of(value.view()));
  char* to = t.arena.alloc_chars(host.size());
  std::transform(host.begin(), host.end(), to, base::to_lower);
  value.set_text({to, host.size()});
  return true;
}

bool port_only(const ConverterCall&, Transaction&, Value& value) {
  std::string_view port = value.view().substr(port_of(value.view()));
  if (!port.empty()) port.remove_prefix(1);
  value.set_int(!port.empty() && base::is_digit(port.front()) ? leading_int(port) : 0);
  return true;
}

// In thousandths; what is no weight counts as 1.
int weight_of(std::string_view parameters) {
  while (!parameters.empty()) {
    size_t end = std::min(parameters.find(';'), parameters.size());
    std::string_view parameter = parameters.substr(0, end), q;
    parameters.remove_prefix(std::min(end + 1, parameters.size()));
    size_t equals = parameter.find('=');
    if (equals == std::string_view::npos || base::trim(parameter.substr(0, equals)) != "q") continue;
    q = base::trim(parameter.substr(equals + 1));
    if (q.empty() || q[0] != '0') return 1000;
    int weight = 0;
    for (size_t i = 2; i < 5; ++i) weight = weight * 10 + (i < q.size() && base::is_digit(q[i]) ? q[i] - '0' : 0);
    return weight;
  }
  return 1000;
}

// The language of the list that a range of Accept-Language asks for: the range itself, or without its variant.
std::string_view listed(std::string_view list, std::string_view range) {
  std::string_view base = range.substr(0, range.find('-'));
  std::string_view found;
  while (!list.empty()) {
    size_t end = std::min(list.find(';'), list.size());
    std::string_view one = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    if (one == range) return one;
    if (found.data() == nullptr && one == base) found = one;
  }
  return found;
}

bool language(const ConverterCall& call, Transaction&, Value& value) {
  std::string_view ranges = value.view(), best;
  int weight = 0;
  while (!ranges.empty()) {
    size_t end = std::min(ranges.find(','), ranges.size());
    std::string_view range = ranges.substr(0, end);
    ranges.remove_prefix(std::min(end + 1, ranges.size()));
    size_t name_end = std::min(range.find(';'), range.size());
    std::string_view name = base::trim(range.substr(0, name_end));
    if (name.empty()) continue;
    int q = weight_of(range.substr(name_end));
    std::string_view one = listed(call.arg(0).text, name);
    if (q <= weight || one.data() == nullptr) continue;
    best = one;
    weight = q;
  }
  if (best.data() == nullptr) {
    if (!call.arg(1).given()) return false;
    best = call.arg(1).text;
  }
  value.set_text(best);
  return true;
}

bool prepare_param(Prepare& prepare) {
  if (!prepare.args[0].text.empty() && prepare.args[1].text.size() <= 1) return true;
  prepare.error = "needs a name, and a delimiter of one character";
  return false;
}

// The first parameter of the name; one without '=' is there and empty.
bool param(const ConverterCall& call, Transaction&, Value& value) {
  char delimiter = call.arg(1).text.empty() ? '&' : call.arg(1).text.front();
  std::string_view rest = value.view(), name = call.arg(0).text;
  while (!rest.empty()) {
    size_t end = std::min(rest.find(delimiter), rest.size());
    std::string_view one = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (!one.starts_with(name)) continue;
    one.remove_prefix(name.size());
    if (!one.empty() && one.front() != '=') continue;
    value.set_text(one.empty() ? one : one.substr(1));
    return true;
  }
  return false;
}

// www.example.com as com.example.www.
bool reverse_domain(const ConverterCall&, Transaction& t, Value& value) {
  std::string_view rest = value.view();
  TextBuilder done(t.arena, rest.size());
  for (;;) {
    size_t dot = rest.rfind('.');
    done.append(rest.substr(dot == std::string_view::npos ? 0 : dot + 1));
    if (dot == std::string_view::npos) break;
    done.append(".");
    rest = rest.substr(0, dot);
  }
  value.set_text(done.view());
  return true;
}

constexpr ConverterRow kRows[] = {
    {.name = "url_dec",
     .doc = "Undoes percent escapes; '+' is a blank behind a '?', and everywhere with argument 1.",
     .args = {{{ArgKind::number, true}}},
     .run = url_dec},
    {.name = "url_enc",
     .doc = "Escapes all but unreserved characters for a query.",
     .args = {{{ArgKind::text, true}}},
     .run = url_enc,
     .prepare = prepare_url_enc},
    {.name = "host_only", .doc = "The host of a Host field in lower case, without its port.", .run = host_only},
    {.name = "port_only", .doc = "The port of a Host field, 0 without one.", .out = Type::integer, .run = port_only},
    {.name = "language",
     .doc = "The language of a list (a;b;c) that Accept-Language likes best, or the default given.",
     .args = {{{ArgKind::text}, {ArgKind::text, true}}},
     .run = language},
    {.name = "param",
     .doc = "The value of a parameter of a query, or of a list with another delimiter.",
     .args = {{{ArgKind::text}, {ArgKind::text, true}}},
     .run = param,
     .prepare = prepare_param},
    {.name = "reverse_dom", .doc = "The labels of a domain name in reverse order.", .run = reverse_domain},
};
const Converters kEnrol(kRows);

}  // namespace
}  // namespace lbd::expr
