// Pooled: objects of one type that come and go with every request are kept and used again instead of going through
// malloc. `class Stream : public Pooled<Stream>`. A derived type of another size takes the usual way.
//
// Thread: a free list per thread; an object must be deleted by the thread that made it. Life: up to kKept free objects
// a thread stay until the thread ends.
#pragma once

#include <cstddef>
#include <new>

namespace base {

template <typename T>
class Pooled {
 public:
  static void* operator new(size_t size) {
    List& list = free_list();
    if (size != sizeof(T) || !list.first) return ::operator new(size);
    Link* link = list.first;
    list.first = link->next;
    --list.count;
    return link;
  }
  static void operator delete(void* memory, size_t size) {
    List& list = free_list();
    if (size != sizeof(T) || list.count >= kKept) return ::operator delete(memory);
    list.first = new (memory) Link{list.first};
    ++list.count;
  }

 private:
  static constexpr size_t kKept = 256;
  struct Link {
    Link* next;
  };
  struct List {
    Link* first = nullptr;
    size_t count = 0;
    ~List() {
      while (Link* link = first) {
        first = link->next;
        ::operator delete(link);
      }
      count = kKept;  // nothing more is kept: the thread ends
    }
  };
  static List& free_list() {
    static thread_local List list;
    return list;
  }
};

}  // namespace base
