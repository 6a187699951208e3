#include "lbd/tls/notes.h"

namespace lbd::tls {
namespace {

void free_notes(void*, void* notes, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<Notes*>(notes);
}

int notes_index() {
  static const int index = CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL, 0, nullptr, nullptr, nullptr, free_notes);
  return index;
}

}  // namespace

Notes& notes_of(SSL* ssl) {
  auto* notes = static_cast<Notes*>(SSL_get_ex_data(ssl, notes_index()));
  if (!notes) SSL_set_ex_data(ssl, notes_index(), notes = new Notes);
  return *notes;
}

const Notes* find_notes(const SSL* ssl) {
  return static_cast<const Notes*>(SSL_get_ex_data(ssl, notes_index()));
}

}  // namespace lbd::tls
