/// A growing piece of text, or of any bytes, that writers append to row by row.
///
/// Noncopyable, so that an append is a bounds check and a store: neither a reference count nor a
/// test for uniqueness. Its storage doubles as needed and is kept by ``removeAll()``.
@safe
@usableFromInline package struct ByteText: ~Copyable, @unchecked Sendable {
  // SAFETY: `base` is owned by this noncopyable value alone and has room for `capacity` bytes,
  // the first `count` of them initialized.
  @usableFromInline var base: UnsafeMutablePointer<UInt8>
  @usableFromInline var capacity: Int
  @usableFromInline var length = 0

  /// An empty text with room for `capacity` bytes.
  @inlinable
  package init(capacity: Int = 256) {
    self.capacity = max(capacity, 64)
    unsafe base = .allocate(capacity: self.capacity)
  }

  deinit {
    unsafe base.deallocate()
  }

  @inlinable package var count: Int { length }
  @inlinable package var isEmpty: Bool { length == 0 }

  /// The bytes written so far.
  @inlinable
  package var span: Span<UInt8> {
    @_lifetime(borrow self)
    borrowing get {
      let span = unsafe Span(_unsafeStart: UnsafePointer(base), count: length)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// A copy of the bytes written so far.
  package var bytes: [UInt8] {
    unsafe Array(UnsafeBufferPointer(start: base, count: length))
  }

  /// The text so far; invalid UTF-8 is replaced, so this is for messages and tests.
  package var string: String {
    unsafe String(decoding: UnsafeBufferPointer(start: base, count: length), as: UTF8.self)
  }

  @inlinable
  package mutating func append(_ byte: UInt8) {
    if length == capacity { grow(by: 1) }
    unsafe base[length] = byte
    length &+= 1
  }

  @inlinable
  package mutating func append(_ bytes: Span<UInt8>) {
    let added = bytes.count
    reserve(added)
    unsafe bytes.withUnsafeBufferPointer { source in
      guard let start = source.baseAddress else { return }
      unsafe (base + length).update(from: start, count: added)
    }
    length &+= added
  }

  /// - Parameter start: `count` readable bytes, outside of this text.
  @unsafe @inlinable
  package mutating func append(_ start: UnsafePointer<UInt8>, count added: Int) {
    reserve(added)
    unsafe (base + length).update(from: start, count: added)
    length &+= added
  }

  package mutating func append(_ string: String) {
    var string = string
    string.withUTF8 { utf8 in
      guard let start = utf8.baseAddress else { return }
      unsafe append(start, count: utf8.count)
    }
  }

  /// Makes room for `added` more bytes.
  @inlinable
  package mutating func reserve(_ added: Int) {
    if capacity &- length < added { grow(by: added) }
  }

  /// Room for `added` bytes behind the text, to be filled by hand and then accepted with
  /// ``commit(_:)``. Valid until the next call.
  @unsafe @inlinable
  package mutating func claim(_ added: Int) -> UnsafeMutablePointer<UInt8> {
    reserve(added)
    return unsafe base + length
  }

  /// Accepts the first `added` bytes of what ``claim(_:)`` gave.
  @unsafe @inlinable
  package mutating func commit(_ added: Int) {
    length &+= added
  }

  /// Forgets the text and keeps its storage.
  @inlinable
  package mutating func removeAll() {
    length = 0
  }

  /// Cuts the text back to its first `count` bytes.
  @inlinable
  package mutating func truncate(to count: Int) {
    precondition(count >= 0 && count <= length)
    length = count
  }

  @usableFromInline @inline(never)
  mutating func grow(by added: Int) {
    let room = max(length + added, capacity * 2)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: room)
    unsafe larger.update(from: base, count: length)
    unsafe base.deallocate()
    unsafe base = larger
    capacity = room
  }
}
