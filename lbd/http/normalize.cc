#include "lbd/http/normalize.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "base/strings.h"

namespace lbd::http {
namespace {

// A text that is written from left to right into room for at most `most` bytes.
class Writer {
 public:
  Writer(base::Arena& arena, size_t most) : begin_(arena.alloc_chars(most + 1)) {}
  void put(char c) { begin_[size_++] = c; }
  void put(std::string_view text) {
    if (!text.empty()) std::memcpy(begin_ + size_, text.data(), text.size());
    size_ += text.size();
  }
  void cut(size_t size) { size_ = size; }
  std::string_view view() const { return {begin_, size_}; }

 private:
  char* begin_;
  size_t size_ = 0;
};

int digit(char c) {
  if (base::is_digit(c)) return c - '0';
  const char l = base::to_lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

bool unreserved(char c) {
  const char l = base::to_lower(c);
  return (l >= 'a' && l <= 'z') || base::is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

// Walks over the escapes of a text: `edit(writer, high, low)` writes what becomes of "%XY".
template <typename Edit>
std::optional<std::string_view> edit_escapes(std::string_view text, bool strict, base::Arena& arena, Edit edit) {
  if (text.find('%') == std::string_view::npos) return text;
  Writer out(arena, text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.put(text[i]);
      continue;
    }
    const bool whole = i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0;
    if (!whole) {
      if (strict) return std::nullopt;
      out.put('%');
      continue;
    }
    edit(out, text[i + 1], text[i + 2]);
    i += 2;
  }
  return out.view();
}

// Calls `each(segment, last)` for what stands behind each '/'.
template <typename Each>
void for_segments(std::string_view path, Each each) {
  for (size_t from = 1; from <= path.size();) {
    const size_t slash = path.find('/', from);
    const bool last = slash == std::string_view::npos;
    each(path.substr(from, last ? slash : slash - from), last);
    if (last) return;
    from = slash + 1;
  }
}

}  // namespace

std::string_view encode_fragment(std::string_view text, base::Arena& arena) {
  const auto marks = static_cast<size_t>(std::count(text.begin(), text.end(), '#'));
  if (marks == 0) return text;
  Writer out(arena, text.size() + 2 * marks);
  for (char c : text) c == '#' ? out.put("%23") : out.put(c);
  return out.view();
}

std::string_view strip_fragment(std::string_view text) {
  return text.substr(0, text.find('#'));
}

std::optional<std::string_view> decode_unreserved(std::string_view text, bool strict, base::Arena& arena) {
  return edit_escapes(text, strict, arena, [](Writer& out, char high, char low) {
    const auto byte = static_cast<char>(digit(high) << 4 | digit(low));
    if (unreserved(byte)) return out.put(byte);
    out.put('%');
    out.put(high);
    out.put(low);
  });
}

std::optional<std::string_view> uppercase_escapes(std::string_view text, bool strict, base::Arena& arena) {
  return edit_escapes(text, strict, arena, [](Writer& out, char high, char low) {
    auto upper = [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c; };
    out.put('%');
    out.put(upper(high));
    out.put(upper(low));
  });
}

std::string_view merge_slashes(std::string_view path, base::Arena& arena) {
  if (path.find("//") == std::string_view::npos) return path;
  Writer out(arena, path.size());
  for (size_t i = 0; i < path.size(); ++i)
    if (path[i] != '/' || i == 0 || path[i - 1] != '/') out.put(path[i]);
  return out.view();
}

std::string_view strip_dot(std::string_view path, base::Arena& arena) {
  if (!path.starts_with('/')) return path;
  Writer out(arena, path.size());
  out.put('/');
  for_segments(path, [&](std::string_view segment, bool last) {
    if (segment == ".") return;
    out.put(segment);
    if (!last) out.put('/');
  });
  return out.view();
}

std::string_view strip_dotdot(std::string_view path, bool full, base::Arena& arena) {
  if (!path.starts_with('/')) return path;
  Writer out(arena, path.size() + 1);
  out.put('/');
  size_t floor = 1;  // what stands before is ".." that nothing can take away
  for_segments(path, [&](std::string_view segment, bool last) {
    if (segment != "..") {
      out.put(segment);
      if (!last) out.put('/');
    } else if (const std::string_view made = out.view(); made.size() > floor) {
      out.cut(made.rfind('/', made.size() - 2) + 1);
    } else if (!full) {
      out.put("../");
      floor = out.view().size();
    }
  });
  return out.view();
}

std::string_view sort_query(std::string_view query, base::Arena& arena) {
  if (query.find('&') == std::string_view::npos) return query;
  std::vector<std::string_view> parameters = base::split(query, '&');
  if (parameters.back().empty()) parameters.pop_back();  // behind a last '&' nothing begins
  std::stable_sort(parameters.begin(), parameters.end(), [](std::string_view a, std::string_view b) {
    return a.substr(0, a.find('=')) < b.substr(0, b.find('='));
  });
  Writer out(arena, query.size());
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (i) out.put('&');
    out.put(parameters[i]);
  }
  return out.view();
}

}  // namespace lbd::http
