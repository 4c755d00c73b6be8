/// An immutable run of machine values: owned, shared or part of a larger block; never copied.
///
/// 64 bytes behind its end may be read (see ``Memory``).
@usableFromInline @safe package struct Buffer<Element: BitwiseCopyable>: @unchecked Sendable {
  @usableFromInline let owner: Memory
  @usableFromInline let base: UnsafePointer<Element>
  @usableFromInline package let count: Int

  // SAFETY: the caller vouches that `base` lies in `owner`, aligned, with `count` elements.
  @inlinable
  @unsafe package init(owner: Memory, base: UnsafeMutableRawPointer, count: Int) {
    self.owner = owner
    unsafe self.base = UnsafePointer(base.assumingMemoryBound(to: Element.self))
    self.count = count
  }

  package init() {
    unsafe self.init(owner: .empty, base: Memory.empty.base, count: 0)
  }

  package init(_ elements: [Element]) {
    self.init(count: elements.count) { output in
      for element in elements { output.append(element) }
    }
  }

  @inlinable
  package init(repeating value: Element, count: Int) {
    self.init(count: count) { output in output.append(repeating: value, count: count) }
  }

  /// Allocates room for `count` elements; `body` appends all of them, or fewer.
  @inlinable
  package init(count: Int, _ body: (inout OutputSpan<Element>) throws -> Void) rethrows {
    let memory = Memory(byteCount: count * MemoryLayout<Element>.stride)
    let base = unsafe memory.base.bindMemory(to: Element.self, capacity: count)
    // SAFETY: the span covers memory that this initialiser alone knows of.
    var output = unsafe OutputSpan(buffer: .init(start: base, count: count), initializedCount: 0)
    try body(&output)
    let written = unsafe output.finalize(for: UnsafeMutableBufferPointer(start: base, count: count))
    unsafe self.init(owner: memory, base: memory.base, count: written)
  }

  /// The part of a block that a message describes, without copying where alignment allows.
  ///
  /// - Returns: nil when the part does not lie inside the block.
  package init?(_ block: Buffer<UInt8>, byteOffset: Int, count: Int) {
    let size = MemoryLayout<Element>.stride
    guard byteOffset >= 0, count >= 0, byteOffset <= block.count,
      count <= (block.count - byteOffset) / size
    else { return nil }
    let start = unsafe UnsafeRawPointer(block.base) + byteOffset
    if UInt(bitPattern: start) % UInt(MemoryLayout<Element>.alignment) == 0 {
      unsafe self.init(
        owner: block.owner, base: UnsafeMutableRawPointer(mutating: start), count: count)
    } else {
      let memory = Memory(byteCount: count * size)
      unsafe memory.base.copyMemory(from: start, byteCount: count * size)
      unsafe self.init(owner: memory, base: memory.base, count: count)
    }
  }

  @inlinable
  package var span: Span<Element> {
    @_lifetime(borrow self)
    get {
      let span = unsafe Span(_unsafeStart: base, count: count)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// For loops that have checked their bounds once. Valid while the buffer lives.
  @inlinable
  @unsafe package var pointer: UnsafePointer<Element> { unsafe base }

  @inlinable
  package subscript(index: Int) -> Element {
    precondition(index >= 0 && index < count)
    return unsafe base[index]
  }

  /// Without a check: `index` must be in `0..<count`.
  @inlinable
  @unsafe package subscript(unchecked index: Int) -> Element { unsafe base[index] }

  /// A part of this buffer; nothing is copied.
  @inlinable
  package subscript(range: Range<Int>) -> Buffer {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    let start = unsafe UnsafeMutableRawPointer(mutating: base + range.lowerBound)
    return unsafe Buffer(owner: owner, base: start, count: range.count)
  }

  /// What `body` makes of each element.
  @inlinable @inline(__always)
  package func mapped<Result: BitwiseCopyable>(_ body: (Element) -> Result) -> Buffer<Result> {
    let source = span
    return Buffer<Result>(count: count) { output in
      for index in source.indices { output.append(body(source[index])) }
    }
  }

  package var elements: [Element] {
    unsafe Array(UnsafeBufferPointer(start: base, count: count))
  }

  /// The bytes of the elements, little-endian as everything here.
  package var rawBytes: UnsafeRawBufferPointer {
    @unsafe get {
      unsafe UnsafeRawBufferPointer(start: base, count: count * MemoryLayout<Element>.stride)
    }
  }

  package var byteCount: Int { count * MemoryLayout<Element>.stride }
}
