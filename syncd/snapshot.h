// Snapshot: what syncd knows, in a file, so that both nodes may restart and forget nothing. It is what a peer would be
// taught, as frames of the same envelopes between a hello and a goodbye: old and new versions read each other's.
// Secrets (keys of tickets, TLS sessions) are not in it.
//
// The file is written beside the old one and takes its place when it is whole. Life: read at start, written at stop and
// in between; one writes it at a time.
// Thread: one. Errors: reading a file that is cut off or no snapshot says so; what came before the fault was taken.
#pragma once

#include <string>

#include "ipc/frame.h"
#include "proto/envelope.pb.h"
#include "replica/part_store.h"
#include "replica/store.h"

namespace syncd {

struct Knowledge {
  replica::Store& store;
  replica::PartStore& parts;
};

// Takes the bytes of a snapshot as they come.
class SnapshotReader {
 public:
  explicit SnapshotReader(Knowledge into);
  base::Status feed(std::string_view bytes);
  // The end was there.
  bool whole() const { return state_ == State::ended; }

 private:
  enum class State : uint8_t { begin, inside, ended };
  base::Status take(const tandem::Envelope& envelope);
  Knowledge into_;
  ipc::FrameDecoder decoder_;
  State state_ = State::begin;
};

base::Status write_snapshot(const std::string& path, std::string_view node, Knowledge from);
base::Status read_snapshot(const std::string& path, Knowledge into);

}  // namespace syncd
