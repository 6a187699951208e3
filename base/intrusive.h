// Intrusive doubly linked list: the hook is a base of the element, so linking never allocates and an element can
// leave its list without knowing it. Order is that of insertion. Thread: that of its owner.
#pragma once

namespace base {

template <typename Tag = void>
class ListHook {
 public:
  ListHook() = default;
  ListHook(const ListHook&) = delete;
  ListHook& operator=(const ListHook&) = delete;
  ~ListHook() { unlink(); }
  bool linked() const { return next_ != nullptr; }
  void unlink() {
    if (!next_) return;
    prev_->next_ = next_;
    next_->prev_ = prev_;
    next_ = prev_ = nullptr;
  }

 private:
  template <typename T, typename U>
  friend class List;
  ListHook* next_ = nullptr;
  ListHook* prev_ = nullptr;
};

// T derives from ListHook<Tag>.
template <typename T, typename Tag = void>
class List {
  using Hook = ListHook<Tag>;

 public:
  List() { root_.next_ = root_.prev_ = &root_; }
  ~List() {
    while (!empty()) root_.next_->unlink();
    root_.next_ = nullptr;
  }
  List(const List&) = delete;
  List& operator=(const List&) = delete;

  bool empty() const { return root_.next_ == &root_; }
  void push_back(T& element) { insert(root_.prev_, element, &root_); }
  void push_front(T& element) { insert(&root_, element, root_.next_); }
  // Behind the last element that `before(element, that)` does not hold for; it is looked for from the end.
  template <typename Before>
  void insert_ordered(T& element, Before before) {
    Hook* at = root_.prev_;
    while (at != &root_ && before(element, *static_cast<T*>(at))) at = at->prev_;
    insert(at, element, at->next_);
  }
  T& front() { return *static_cast<T*>(root_.next_); }
  T& back() { return *static_cast<T*>(root_.prev_); }
  T* pop_front() {
    if (empty()) return nullptr;
    T* first = &front();
    static_cast<Hook*>(first)->unlink();
    return first;
  }

  class Iterator {
   public:
    explicit Iterator(Hook* at) : at_(at) {}
    T& operator*() const { return *static_cast<T*>(at_); }
    Iterator& operator++() {
      at_ = at_->next_;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return at_ != other.at_; }

   private:
    friend class List;
    Hook* at_;
  };
  Iterator begin() { return Iterator(root_.next_); }
  Iterator end() { return Iterator(&root_); }

 private:
  static void insert(Hook* before, T& element, Hook* after) {
    Hook& hook = element;
    hook.unlink();
    hook.prev_ = before;
    hook.next_ = after;
    before->next_ = &hook;
    after->prev_ = &hook;
  }
  Hook root_;
};

}  // namespace base
