#include "lbd/http/h1_writer.h"

#include <algorithm>
#include <cstring>

namespace lbd::http {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

std::string_view version_text(Version version) {
  return version == Version::http_1_0 ? "HTTP/1.0" : "HTTP/1.1";
}

char* put(char* to, std::string_view text) {
  // Most pieces are short, and a call to memcpy costs more than they do.
  if (text.size() <= 16) {
    if (text.size() >= 8) {
      std::memcpy(to, text.data(), 8);
      std::memcpy(to + text.size() - 8, text.data() + text.size() - 8, 8);
    } else if (text.size() >= 4) {
      std::memcpy(to, text.data(), 4);
      std::memcpy(to + text.size() - 4, text.data() + text.size() - 4, 4);
    } else {
      for (size_t i = 0; i < text.size(); ++i) to[i] = text[i];
    }
  } else {
    std::memcpy(to, text.data(), text.size());
  }
  return to + text.size();
}

// Lines that stand in the source just as they have to be written; they are copied when the row ends.
class Run {
 public:
  explicit Run(char* to) : to_(to) {}

  void start_line(std::string_view line) {
    begin_ = line.data();
    end_ = begin_ + line.size();
  }

  void field(std::string_view name, std::string_view value) {
    // The bytes between are looked at only when both stand in one piece of memory: a name is never followed by a
    // foreign value two bytes on by chance, since both come from one head or from one piece of an arena.
    const char* colon = name.data() + name.size();
    if (value.data() != colon + 2 || colon[0] != ':' || colon[1] != ' ') {
      flush();
      to_ = put(to_, name);
      *to_++ = ':';
      *to_++ = ' ';
      to_ = put(to_, value);
      *to_++ = '\r';
      *to_++ = '\n';
      return;
    }
    if (!end_ || name.data() != end_ + 2 || end_[0] != '\r' || end_[1] != '\n') {
      flush();
      begin_ = name.data();
    }
    end_ = value.data() + value.size();
  }

  char* finish() {
    flush();
    *to_++ = '\r';
    *to_++ = '\n';
    return to_;
  }

  char*& to() { return to_; }

 private:
  void flush() {
    if (!end_) return;
    auto size = static_cast<size_t>(end_ - begin_);
    std::memcpy(to_, begin_, size);
    to_ += size;
    *to_++ = '\r';
    *to_++ = '\n';
    end_ = nullptr;
  }

  char* to_;
  const char* begin_ = nullptr;
  const char* end_ = nullptr;
};

size_t fields_size(const Headers& headers, std::span<const Field> extra) {
  size_t size = kLineEnd.size();
  for (const Header& field : headers)
    if (!field.removed()) size += field.name.size() + field.value.size() + 4;
  for (const Field& field : extra) size += field.name.size() + field.value.size() + 4;
  return size;
}

char* write_fields(Run& run, const Headers& headers, std::span<const Field> extra, const NameCase* names) {
  if (names) {
    for (const Header& field : headers)
      if (!field.removed()) run.field(names->of(field.name), field.value);
    for (const Field& field : extra) run.field(names->of(field.name), field.value);
  } else {
    for (const Header& field : headers)
      if (!field.removed()) run.field(field.name, field.value);
    for (const Field& field : extra) run.field(field.name, field.value);
  }
  return run.finish();
}

void write_status(Run& run, Version version, uint16_t status, std::string_view reason) {
  char*& to = run.to();
  to = put(to, version_text(version));
  *to++ = ' ';
  *to++ = static_cast<char>('0' + status / 100 % 10);
  *to++ = static_cast<char>('0' + status / 10 % 10);
  *to++ = static_cast<char>('0' + status % 10);
  *to++ = ' ';
  to = put(to, reason);
  to = put(to, kLineEnd);
}

size_t status_size(std::string_view reason) {
  return 8 + 1 + 3 + 1 + reason.size() + 2;
}

// The received request line says what the fields of the head say.
bool request_line_unchanged(const Head& head) {
  size_t size = head.method_text.size() + 1 + head.target.size() + 1 + 8;
  return head.first_line.size() == size && head.method_text.data() == head.first_line.data() &&
         head.target.data() == head.method_text.data() + head.method_text.size() + 1 && head.target.data()[-1] == ' ' &&
         std::memcmp(head.first_line.data() + size - 9, " HTTP/1.1", 9) == 0 && head.version != Version::http_1_0;
}

bool status_line_unchanged(const Head& head) {
  constexpr size_t kReason = 13;  // "HTTP/1.1 200 "
  if (head.first_line.size() != kReason + head.reason.size()) return false;
  const char* line = head.first_line.data();
  return head.reason.data() == line + kReason && std::memcmp(line, "HTTP/1.1 ", 9) == 0 && line[12] == ' ' &&
         (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0') == head.status &&
         head.version != Version::http_1_0;
}

}  // namespace

std::string_view NameCase::of(std::string_view name) const {
  auto found = std::lower_bound(names_.begin(), names_.end(), name,
                                [](const auto& pair, std::string_view wanted) { return pair.first < wanted; });
  return found != names_.end() && found->first == name ? std::string_view(found->second) : name;
}

size_t request_size(const Head& head, std::span<const Field> extra) {
  return head.method_text.size() + 1 + head.target.size() + 1 + 8 + 2 + fields_size(head.headers, extra);
}

size_t response_size(const Head& head, std::span<const Field> extra) {
  return status_size(head.reason) + fields_size(head.headers, extra);
}

char* write_request(const Head& head, char* to, std::span<const Field> extra, const NameCase* names) {
  Run run(to);
  if (request_line_unchanged(head)) {
    run.start_line(head.first_line);
  } else {
    char*& at = run.to();
    at = put(at, head.method_text);
    *at++ = ' ';
    at = put(at, head.target);
    *at++ = ' ';
    at = put(at, version_text(head.version));
    at = put(at, kLineEnd);
  }
  return write_fields(run, head.headers, extra, names);
}

char* write_response(const Head& head, char* to, std::span<const Field> extra, const NameCase* names) {
  Run run(to);
  if (status_line_unchanged(head))
    run.start_line(head.first_line);
  else
    write_status(run, head.version, head.status, head.reason);
  return write_fields(run, head.headers, extra, names);
}

std::string_view write_request(const Head& head, base::Arena& arena, std::span<const Field> extra,
                               const NameCase* names) {
  size_t size = request_size(head, extra);
  char* to = arena.alloc_chars(size);
  write_request(head, to, extra, names);
  return {to, size};
}

std::string_view write_response(const Head& head, base::Arena& arena, std::span<const Field> extra,
                                const NameCase* names) {
  size_t size = response_size(head, extra);
  char* to = arena.alloc_chars(size);
  write_response(head, to, extra, names);
  return {to, size};
}

std::string_view write_reply_head(const Reply& reply, base::Arena& arena, std::span<const Field> extra) {
  std::string_view reason = reply.reason.empty() ? reason_of(reply.status) : reply.reason;
  size_t size = status_size(reason) + fields_size(reply.headers, extra);
  char* to = arena.alloc_chars(size);
  Run run(to);
  write_status(run, Version::http_1_1, reply.status, reason);
  write_fields(run, reply.headers, extra, nullptr);
  return {to, size};
}

}  // namespace lbd::http
