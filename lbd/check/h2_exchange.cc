#include "lbd/check/h2_exchange.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/result.h"
#include "base/strings.h"
#include "lbd/http/h1_parser.h"
#include "lbd/http/h2_head.h"

namespace lbd::check {
namespace {

std::string_view view(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace

struct H2Exchange::Callbacks {
  static H2Exchange& self(void* user) { return *static_cast<H2Exchange*>(user); }

  static int header(nghttp2_session*, const nghttp2_frame*, const uint8_t* name, size_t name_size, const uint8_t* value,
                    size_t value_size, uint8_t, void* user) {
    H2Exchange& exchange = self(user);
    if (exchange.head_complete_) return 0;  // a trailer
    const std::string_view field = view(name, name_size), text = view(value, value_size);
    if (field == ":status")
      exchange.answer_ =
          fmt::format("HTTP/1.1 {} {}\r\n", text, http::reason_of(base::parse_int<int>(text).value_or(0)));
    else
      exchange.answer_ += fmt::format("{}: {}\r\n", field, text);
    return 0;
  }

  static int data(nghttp2_session*, uint8_t, int32_t, const uint8_t* bytes, size_t size, void* user) {
    self(user).answer_ += view(bytes, size);
    return 0;
  }

  static int frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    H2Exchange& exchange = self(user);
    if (frame->hd.type != NGHTTP2_HEADERS || exchange.head_complete_) return 0;
    exchange.head_complete_ = !exchange.answer_.starts_with("HTTP/1.1 1");
    exchange.answer_ += "\r\n";
    return 0;
  }

  static int closed(nghttp2_session*, int32_t, uint32_t, void* user) {
    self(user).over_ = true;
    return 0;
  }

  static ssize_t body(nghttp2_session*, int32_t, uint8_t* to, size_t most, uint32_t* flags, nghttp2_data_source* source,
                      void*) {
    std::string& left = *static_cast<std::string*>(source->ptr);
    const size_t size = left.copy(reinterpret_cast<char*>(to), most);
    left.erase(0, size);
    if (left.empty()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(size);
  }

  static nghttp2_session_callbacks* all() {
    static nghttp2_session_callbacks* const made = [] {
      nghttp2_session_callbacks* callbacks = nullptr;
      CHECK(nghttp2_session_callbacks_new(&callbacks) == 0);
      nghttp2_session_callbacks_set_on_header_callback(callbacks, header);
      nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, data);
      nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, frame);
      nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, closed);
      return callbacks;
    }();
    return made;
  }
};

H2Exchange::H2Exchange(std::string authority, bool secure) : authority_(std::move(authority)), secure_(secure) {
  CHECK(nghttp2_session_client_new(&session_, Callbacks::all(), this) == 0);
  const nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_ENABLE_PUSH, 0}};
  CHECK(nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings, std::size(settings)) == 0);
}

H2Exchange::~H2Exchange() {
  nghttp2_session_del(session_);
}

void H2Exchange::ask(std::string_view request) {
  std::vector<char> bytes(request.begin(), request.end());
  http::Head head(arena_);
  http::H1Parser parser;
  const http::Parsed parsed = parser.parse_request(bytes, head, {});
  if (parsed.state != http::Parsed::State::complete) {
    over_ = true;
    return;
  }
  body_ = request.substr(parsed.length);
  if (!head.headers.find(http::Token::host)) head.headers.add("host", authority_, http::Token::host);
  std::vector<nghttp2_nv> fields;
  for (const http::H2Field& field : http::h2_request(head, {}, secure_, false, arena_)) {
    // nghttp2 copies; its type has no const.
    auto bytes_of = [](std::string_view text) { return reinterpret_cast<uint8_t*>(const_cast<char*>(text.data())); };
    fields.push_back(
        {bytes_of(field.name), bytes_of(field.value), field.name.size(), field.value.size(), NGHTTP2_NV_FLAG_NONE});
  }
  const nghttp2_data_provider body = {{.ptr = &body_}, Callbacks::body};
  if (nghttp2_submit_request(session_, nullptr, fields.data(), fields.size(), body_.empty() ? nullptr : &body,
                             nullptr) < 0)
    over_ = true;
}

void H2Exchange::receive(std::string_view bytes) {
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  if (nghttp2_session_mem_recv(session_, data, bytes.size()) < 0) over_ = true;
}

void H2Exchange::produce(std::string& out) {
  const uint8_t* data = nullptr;
  for (ssize_t size = 0; (size = nghttp2_session_mem_send(session_, &data)) > 0;)
    out += view(data, static_cast<size_t>(size));
}

}  // namespace lbd::check
