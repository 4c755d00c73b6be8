/// A growing run of machine values that becomes a ``Buffer`` without being copied.
///
/// Noncopyable and without a class around its counts, so that a loop that appends keeps them in
/// registers.
@usableFromInline @safe package struct MutableBuffer<Element: BitwiseCopyable>: ~Copyable {
  @usableFromInline var owner: Memory
  @usableFromInline var base: UnsafeMutablePointer<Element>
  @usableFromInline package private(set) var capacity: Int
  @usableFromInline var storedCount: Int

  package init(capacity: Int = 0) {
    owner = capacity == 0 ? .empty : Memory(byteCount: capacity * MemoryLayout<Element>.stride)
    unsafe base = owner.base.assumingMemoryBound(to: Element.self)
    self.capacity = capacity
    storedCount = 0
  }

  @inlinable package var count: Int { storedCount }

  @inlinable
  package mutating func append(_ element: Element) {
    if storedCount == capacity { grow(by: 1) }
    unsafe base[storedCount] = element
    storedCount &+= 1
  }

  @inlinable
  package mutating func append(repeating element: Element, count: Int) {
    reserve(count)
    for _ in 0..<count {
      unsafe base[storedCount] = element
      storedCount &+= 1
    }
  }

  @inlinable
  package mutating func append(contentsOf source: borrowing Span<Element>) {
    let added = source.count
    reserve(added)
    unsafe source.withUnsafeBufferPointer { bytes in
      if let start = bytes.baseAddress {
        unsafe (base + storedCount).update(from: start, count: added)
      }
    }
    storedCount &+= added
  }

  // SAFETY: the caller vouches for `count` readable elements at `source`.
  @inlinable
  @unsafe package mutating func append(from source: UnsafePointer<Element>, count: Int) {
    reserve(count)
    unsafe (base + storedCount).update(from: source, count: count)
    storedCount &+= count
  }

  /// Makes room for `added` more, so that ``appendUnchecked(_:)`` may be called as often.
  @inlinable
  package mutating func reserve(_ added: Int) {
    if capacity &- storedCount < added { grow(by: added) }
  }

  /// Without a look at the capacity: room must have been reserved.
  @inlinable
  @unsafe package mutating func appendUnchecked(_ element: Element) {
    unsafe base[storedCount] = element
    storedCount &+= 1
  }

  /// For loops that write through a pointer into reserved room and then set the count.
  @inlinable
  @unsafe package var pointer: UnsafeMutablePointer<Element> { unsafe base }

  @inlinable
  @unsafe package mutating func setCount(_ count: Int) { storedCount = count }

  @inlinable
  package subscript(index: Int) -> Element {
    get {
      precondition(index >= 0 && index < storedCount)
      return unsafe base[index]
    }
    set {
      precondition(index >= 0 && index < storedCount)
      unsafe base[index] = newValue
    }
  }

  @inlinable
  package mutating func removeAll() { storedCount = 0 }

  /// Forgets the elements from `count` on.
  @inlinable
  package mutating func truncate(to count: Int) {
    precondition(count >= 0 && count <= storedCount)
    storedCount = count
  }

  @inlinable
  package var span: Span<Element> {
    @_lifetime(borrow self)
    get {
      let span = unsafe Span(_unsafeStart: UnsafePointer(base), count: storedCount)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// The elements so far, leaving an empty buffer behind.
  ///
  /// - Parameter reserving: room for the elements to come.
  package mutating func take(reserving: Int = 0) -> Buffer<Element> {
    let taken = unsafe Buffer<Element>(
      owner: owner, base: UnsafeMutableRawPointer(base), count: storedCount)
    self = MutableBuffer(capacity: reserving)
    return taken
  }

  @usableFromInline
  mutating func grow(by added: Int) {
    capacity = Swift.max(storedCount + added, capacity * 2, 64)
    let larger = Memory(byteCount: capacity * MemoryLayout<Element>.stride)
    let start = unsafe larger.base.assumingMemoryBound(to: Element.self)
    unsafe start.update(from: base, count: storedCount)
    owner = larger
    unsafe base = start
  }
}
