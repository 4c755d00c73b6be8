internal import Columnar
package import Diagnostics
internal import Formats

/// The bytes of another input; decompressed, if they turn out to be compressed.
package final class UnpackedInput: ByteInput {
  private let input: any ByteInput
  private let name: String
  /// What was read to find out.
  private let head = Memory(byteCount: Packing.signatureByteCount)
  private var headRange = 0..<0
  private var isAtEnd = false
  private var isDecided = false
  private var unpacked: DecodedInput?

  /// - Parameter name: the input's, for messages.
  package init(_ input: any ByteInput, name: String) {
    self.input = input
    self.name = name
  }

  package var mayWait: Bool { input.mayWait }
  package var consumedCount: Int64 { input.consumedCount }
  package var availableCount: Int {
    unpacked?.availableCount ?? headRange.count + input.availableCount
  }

  @unsafe package func read(into room: UnsafeMutableRawBufferPointer) throws(StreamError) -> Int {
    while !isDecided { try lookAhead() }
    if let unpacked { return try unsafe unpacked.read(into: room) }
    if headRange.isEmpty { return isAtEnd ? 0 : try unsafe input.read(into: room) }
    return unsafe takeHead(into: room)
  }

  package func wait(until deadline: Deadline) throws(StreamError) -> Bool {
    while !isDecided {
      guard try input.wait(until: deadline) else { return false }
      try lookAhead()
    }
    if let unpacked { return try unpacked.wait(until: deadline) }
    return !headRange.isEmpty || isAtEnd ? true : try input.wait(until: deadline)
  }

  private func lookAhead() throws(StreamError) {
    let room = unsafe UnsafeMutableRawBufferPointer(
      rebasing: head.mutableBytes[headRange.upperBound...])
    let count = try unsafe input.read(into: room)
    headRange = 0..<headRange.upperBound + count
    isAtEnd = count == 0
    let bytes = head.bytes[headRange]
    if !isAtEnd, Packing.isUndecided(head: bytes.span) { return }
    isDecided = true
    guard let packing = Packing(head: bytes.span) else {
      return try refuseForeignPacking(head: bytes.span, name: name)
    }
    unpacked = DecodedInput(
      HeadedInput(bytes, input), try packing.makeDecoder(name: name))
  }

  @unsafe private func takeHead(into room: UnsafeMutableRawBufferPointer) -> Int {
    let taken = headRange.prefix(room.count)
    unsafe room.copyMemory(from: UnsafeRawBufferPointer(rebasing: head.mutableBytes[taken]))
    headRange = taken.upperBound..<headRange.upperBound
    return taken.count
  }
}

/// - Throws: a usage error for an input that is packed in a way that is not read.
func refuseForeignPacking(head: Span<UInt8>, name: String) throws(StreamError) {
  guard let packing = ForeignPacking(head: head, name: name) else { return }
  throw packing.refusal(of: name == standardInputName ? nil : name)
}

/// Bytes that were read already, and the input that they were read from.
private final class HeadedInput: ByteInput {
  private var head: Buffer<UInt8>
  private let input: any ByteInput

  init(_ head: Buffer<UInt8>, _ input: any ByteInput) {
    self.head = head
    self.input = input
  }

  var mayWait: Bool { input.mayWait }
  var consumedCount: Int64 { input.consumedCount }
  var availableCount: Int { head.count + input.availableCount }

  @unsafe func read(into room: UnsafeMutableRawBufferPointer) throws(StreamError) -> Int {
    if head.count == 0 { return try unsafe input.read(into: room) }
    let count = min(head.count, room.count)
    unsafe room.copyMemory(from: head[0..<count].rawBytes)
    head = head[count..<head.count]
    return count
  }

  func wait(until deadline: Deadline) throws(StreamError) -> Bool {
    head.count > 0 ? true : try input.wait(until: deadline)
  }
}
