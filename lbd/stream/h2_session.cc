#include "lbd/stream/h2_session.h"

#include <algorithm>
#include <vector>
namespace lbd::stream {
namespace {

// Frames that are made before the socket is asked to take some.
constexpr size_t kBatch = 64 * 1024;
// Answers of our own to what the peer makes us answer (pings, settings) that may wait.
constexpr size_t kMostAcks = 1000;
// Heads that we send are held to the size of a buffer by those who make them.
constexpr size_t kMostHeaderBytes = size_t{16} << 20;
// What all streams of a connection may bring before the peer hears from us.
constexpr int32_t kConnectionWindow = 1 << 20;

H2Stream* stream_of(nghttp2_session* session, int32_t id) {
  return static_cast<H2Stream*>(nghttp2_session_get_stream_user_data(session, id));
}

std::string_view view(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace

// What nghttp2 calls while it reads and writes. Nothing is told to an exchange from here: it might call back.
struct H2Session::Callbacks {
  static H2Session& self(void* user) { return *static_cast<H2Session*>(user); }

  static int begin_headers(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    if (H2Stream* stream = self(user).begin(frame->hd.stream_id))
      nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, stream);
    return 0;
  }

  static int header(nghttp2_session* session, const nghttp2_frame* frame, const uint8_t* name, size_t name_size,
                    const uint8_t* value, size_t value_size, uint8_t, void*) {
    if (H2Stream* stream = stream_of(session, frame->hd.stream_id))
      stream->on_field(view(name, name_size), view(value, value_size));
    return 0;
  }

  static int frame_received(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    const bool last = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    H2Stream* stream = frame->hd.stream_id ? stream_of(session, frame->hd.stream_id) : nullptr;
    bool well = true;
    server::Counters& counters = self(user).counters_;
    switch (frame->hd.type) {
      case NGHTTP2_HEADERS:
        counters.h2_headers.add();
        if (stream) stream->on_fields_complete(last);
        break;
      case NGHTTP2_DATA:
        counters.h2_data.add();
        // Nothing, at the cost of a frame.
        if (frame->data.hd.length == frame->data.padlen && !last) well = self(user).glitch();
        break;
      case NGHTTP2_RST_STREAM:
        counters.h2_resets.add();
        well = self(user).glitch();
        break;
      case NGHTTP2_GOAWAY:
        counters.h2_goaways.add();
        break;
      case NGHTTP2_SETTINGS:
        counters.h2_settings.add();
        if (!(frame->hd.flags & NGHTTP2_FLAG_ACK)) self(user).on_settings();
        [[fallthrough]];
      case NGHTTP2_PING:
        if (frame->hd.type == NGHTTP2_PING && (frame->hd.flags & NGHTTP2_FLAG_ACK)) self(user).unanswered_ = false;
        if (!(frame->hd.flags & NGHTTP2_FLAG_ACK) && self(user).total_ > 0) well = self(user).glitch();
        break;
      default:
        break;
    }
    if (stream && last && (frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA)) {
      stream->on_input_complete();
      self(user).note(*stream);
    }
    return well ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
  }

  static int data(nghttp2_session* session, uint8_t, int32_t id, const uint8_t* bytes, size_t size, void* user) {
    // The connection's window is always open: what waits is bounded by those of the streams, and one that nobody reads
    // does not hold up the others.
    nghttp2_session_consume_connection(session, size);
    if (H2Stream* stream = stream_of(session, id)) {
      stream->on_data(view(bytes, size));
      self(user).note(*stream);
    }
    return 0;
  }

  static int invalid_frame(nghttp2_session*, const nghttp2_frame*, int, void* user) {
    return self(user).glitch() ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
  }

  static int stream_closed(nghttp2_session* session, int32_t id, uint32_t error, void* user) {
    if (H2Stream* stream = stream_of(session, id)) {
      stream->on_closed(error);
      self(user).note(*stream);
    }
    return 0;
  }

  static int frame_sent(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    if (frame->hd.type == NGHTTP2_RST_STREAM) self(user).count_reset(frame->rst_stream.error_code);
    if (frame->hd.type == NGHTTP2_GOAWAY) self(user).count_goaway(frame->goaway.error_code);
    if (!(frame->hd.flags & NGHTTP2_FLAG_END_STREAM) ||
        (frame->hd.type != NGHTTP2_DATA && frame->hd.type != NGHTTP2_HEADERS))
      return 0;
    if (H2Stream* stream = stream_of(session, frame->hd.stream_id)) {
      stream->on_end_sent();
      self(user).note(*stream);
    }
    return 0;
  }

  // Frames go to the end of the connection's output, payload as it lies in the stream's.
  static ssize_t send(nghttp2_session*, const uint8_t* data, size_t size, int, void* user) {
    if (self(user).output_->size() >= kBatch) return NGHTTP2_ERR_WOULDBLOCK;
    self(user).output_->append(self(user).io_.chunks, view(data, size));
    return static_cast<ssize_t>(size);
  }

  static int send_data(nghttp2_session* session, nghttp2_frame* frame, const uint8_t* head, size_t size,
                       nghttp2_data_source*, void* user) {
    if (self(user).output_->size() >= kBatch) return NGHTTP2_ERR_WOULDBLOCK;
    H2Stream* stream = stream_of(session, frame->hd.stream_id);
    if (!stream) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    constexpr size_t kFrameHead = 9;
    self(user).output_->append(self(user).io_.chunks, view(head, kFrameHead));
    stream->move_output(*self(user).output_, size);
    return 0;
  }

  static nghttp2_session_callbacks* all() {
    static nghttp2_session_callbacks* const made = [] {
      nghttp2_session_callbacks* callbacks = nullptr;
      CHECK(nghttp2_session_callbacks_new(&callbacks) == 0);
      nghttp2_session_callbacks_set_send_callback(callbacks, send);
      nghttp2_session_callbacks_set_send_data_callback(callbacks, send_data);
      nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, begin_headers);
      nghttp2_session_callbacks_set_on_header_callback(callbacks, header);
      nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, frame_received);
      nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, data);
      nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, invalid_frame);
      nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, stream_closed);
      nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, frame_sent);
      return callbacks;
    }();
    return made;
  }

  static nghttp2_option* options() {
    static nghttp2_option* const made = [] {
      nghttp2_option* option = nullptr;
      CHECK(nghttp2_option_new(&option) == 0);
      nghttp2_option_set_no_auto_window_update(option, 1);
      nghttp2_option_set_max_outbound_ack(option, kMostAcks);
      nghttp2_option_set_no_closed_streams(option, 1);
      nghttp2_option_set_max_send_header_block_length(option, kMostHeaderBytes);
      return option;
    }();
    return made;
  }
};

void H2Session::open(const Settings& settings) {
  const auto open = settings.server ? nghttp2_session_client_new2 : nghttp2_session_server_new2;
  CHECK(open(&session_, Callbacks::all(), this, Callbacks::options()) == 0);
  // The last one is of the role: a client wants nothing pushed, a server says whether it takes extended CONNECT.
  const nghttp2_settings_entry entries[] = {
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, settings.streams},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, settings.window},
      {NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, settings.header_table},
      {NGHTTP2_SETTINGS_MAX_FRAME_SIZE, std::clamp(settings.frame, 16384u, 16777215u)},
      settings.server ? nghttp2_settings_entry{NGHTTP2_SETTINGS_ENABLE_PUSH, 0}
                      : nghttp2_settings_entry{NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, settings.extended_connect},
  };
  CHECK(nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, entries, std::size(entries)) == 0);
  CHECK(nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, kConnectionWindow) == 0);
}

H2Session::H2Session(net::Io& io, server::Counters& counters, uint32_t glitches)
    : io_(io), counters_(counters), glitch_limit_(glitches) {
  counters_.h2_connections.add();
  counters_.h2_connections_now.add();
}

H2Session::~H2Session() {
  counters_.h2_connections_now.sub();
  counters_.h2_streams_now.sub(count_);
  nghttp2_session_del(session_);
}

void H2Session::add(H2Stream& stream) {
  streams_.push_back(stream);
  ++count_;
  ++total_;
  counters_.h2_streams.add();
  counters_.h2_streams_now.add();
}

void H2Session::note(H2Stream& stream) {
  if (!static_cast<base::ListHook<NoteTag>&>(stream).linked()) noted_.push_back(stream);
}

void H2Session::forget(H2Stream& stream) {
  static_cast<base::ListHook<>&>(stream).unlink();
  static_cast<base::ListHook<NoteTag>&>(stream).unlink();
  --count_;
  counters_.h2_streams_now.sub();
}

// False: the peer has cost too much.
bool H2Session::glitch(uint32_t weight) {
  glitches_ += weight;
  on_glitch(weight);
  if (glitch_limit_ == 0 || glitches_ < glitch_limit_) return true;
  fail(NGHTTP2_ENHANCE_YOUR_CALM);
  return false;
}

void H2Session::count_reset(uint32_t error) {
  counters_.h2_resets_sent.add();
  const bool ours = error == NGHTTP2_NO_ERROR || error == NGHTTP2_INTERNAL_ERROR || error == NGHTTP2_REFUSED_STREAM ||
                    error == NGHTTP2_CANCEL;
  if (!ours) counters_.h2_stream_errors.add();
}

void H2Session::count_goaway(uint32_t error) {
  counters_.h2_goaways_sent.add();
  if (error != NGHTTP2_NO_ERROR && error != NGHTTP2_INTERNAL_ERROR) counters_.h2_connection_errors.add();
}

void H2Session::fail(uint32_t error) {
  nghttp2_session_terminate_session(session_, error);
}

void H2Session::receive(base::Buffer& bytes) {
  while (!bytes.empty() && !failed_ && nghttp2_session_want_read(session_)) {
    const std::string_view piece = bytes.front();
    const ssize_t taken =
        nghttp2_session_mem_recv(session_, reinterpret_cast<const uint8_t*>(piece.data()), piece.size());
    if (taken < 0) {
      // Nothing can be read behind it. What the peer must know of it (GOAWAY) waits to be produced.
      if (taken == NGHTTP2_ERR_FLOODED || taken == NGHTTP2_ERR_BAD_CLIENT_MAGIC) failed_ = true;
      if (taken != NGHTTP2_ERR_BAD_CLIENT_MAGIC) fail(NGHTTP2_ENHANCE_YOUR_CALM);
      break;
    }
    bytes.consume(static_cast<size_t>(taken));
  }
  bytes.clear();
  tell_streams();
  want_output();
}

void H2Session::tell_streams() {
  if (telling_) return;
  telling_ = true;
  while (H2Stream* stream = noted_.pop_front()) stream->tell();
  telling_ = false;
}

bool H2Session::produce(base::Buffer& to) {
  output_ = &to;
  if (nghttp2_session_send(session_) != 0) failed_ = true;
  output_ = nullptr;
  return !failed_ && to.size() >= kBatch;
}

void H2Session::input_ended() {
  input_ended_ = true;
  for (H2Stream& stream : streams_) {
    stream.on_input_ended();
    note(stream);
  }
  tell_streams();
}

void H2Session::ping() {
  nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr);
  unanswered_ = true;
  want_output();
}

void H2Session::say_goodbye() {
  nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(session_),
                        NGHTTP2_NO_ERROR, nullptr, 0);
  want_output();
}

void H2Session::end_starved(Reason reason) {
  if (!input_ended_) return;
  std::vector<H2Stream*> starved;
  for (H2Stream& stream : streams_)
    if (stream.waits_for_credit()) starved.push_back(&stream);
  for (H2Stream* stream : starved) stream->kill(reason);
}

void H2Session::end_streams(Reason reason) {
  std::vector<H2Stream*> all;
  for (H2Stream& stream : streams_) all.push_back(&stream);
  for (H2Stream* stream : all) stream->kill(reason);
}

}  // namespace lbd::stream
