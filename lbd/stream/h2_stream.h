// H2Stream: what an H2Session tells one of its streams, whichever side it is of.
//
// on_…() come from the callbacks of nghttp2, in the middle of its work: a stream only notes what has happened. tell()
// comes when that is over, and passes the news on. Owner: see H2FrontStream, H2BackStream. Thread: the worker's.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string_view>

#include "base/buffer.h"
#include "base/intrusive.h"
#include "lbd/net/io.h"
#include "lbd/stream/close.h"

namespace lbd::stream {

struct NoteTag;

class H2Stream : public net::Mortal, public base::ListHook<>, public base::ListHook<NoteTag> {
 public:
  virtual void on_field(std::string_view name, std::string_view value) = 0;
  // `last`: no body follows.
  virtual void on_fields_complete(bool last) = 0;
  virtual void on_data(std::string_view bytes) = 0;
  virtual void on_input_complete() = 0;
  // The peer sends no more, on the whole connection.
  virtual void on_input_ended() = 0;
  // Our direction is whole, and handed to the connection.
  virtual void on_end_sent() = 0;
  // nghttp2 knows it no more.
  virtual void on_closed(uint32_t error) = 0;
  // How much payload the next frame of DATA gets, as nghttp2_data_source_read_callback says; then the payload itself.
  virtual ssize_t offer_output(size_t most, uint32_t* flags) = 0;
  virtual void move_output(base::Buffer& to, size_t size) = 0;

  // Something waits for credit of the peer.
  virtual bool waits_for_credit() const = 0;

  virtual void tell() = 0;
  // The connection is gone, or shall go at once.
  virtual void kill(Reason reason) = 0;
};

}  // namespace lbd::stream
