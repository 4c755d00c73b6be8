internal import Diagnostics

/// Turns UTF-16 into UTF-8 and leaves out a byte order mark at the beginning.
final class UTF16Decoder: ByteDecoder {
  enum ByteOrder { case little, big }

  private let name: String
  private var byteOrder: ByteOrder?
  private var isAtStart = true
  /// The first byte of a code unit whose second has not come.
  private var firstByte: UInt8?
  /// The first half of a surrogate pair whose second has not come.
  private var highSurrogate: UInt16?
  /// Bytes taken so far, for messages.
  private var offset = 0

  /// - Parameter byteOrder: nil to go by the byte order mark.
  init(name: String, byteOrder: ByteOrder?) {
    self.name = name
    self.byteOrder = byteOrder
  }

  @unsafe func decode(
    _ input: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer
  ) throws(StreamError) -> DecodingStep {
    var step = DecodingStep(taken: 0, written: 0)
    // A code unit, or a pair of them, has at most four bytes in UTF-8.
    while step.taken < input.count, room.count &- step.written >= 4 {
      let byte = unsafe input[step.taken]
      step.taken &+= 1
      offset &+= 1
      guard let first = firstByte else {
        firstByte = byte
        continue
      }
      firstByte = nil
      let bigEndian = UInt16(first) &<< 8 | UInt16(byte)
      if isAtStart, takeMark(bigEndian) { continue }
      let unit = byteOrder == .little ? bigEndian.byteSwapped : bigEndian
      guard let scalar = try scalar(unit) else { continue }
      step.written &+= unsafe write(
        scalar, UnsafeMutableRawBufferPointer(rebasing: room[step.written...]))
    }
    return step
  }

  /// Looks at the first code unit.
  ///
  /// - Returns: whether it is a byte order mark, and no text.
  private func takeMark(_ bigEndian: UInt16) -> Bool {
    isAtStart = false
    let mark: UInt16 = 0xFEFF
    if byteOrder == nil { byteOrder = bigEndian == mark.byteSwapped ? .little : .big }
    return (byteOrder == .little ? bigEndian.byteSwapped : bigEndian) == mark
  }

  /// - Returns: nil when the unit is the first half of a pair.
  @inline(__always)
  private func scalar(_ unit: UInt16) throws(StreamError) -> UInt32? {
    if highSurrogate == nil, unit & 0xF800 != 0xD800 { return UInt32(unit) }
    return try surrogate(unit)
  }

  private func surrogate(_ unit: UInt16) throws(StreamError) -> UInt32? {
    let isLow = unit & 0xFC00 == 0xDC00
    guard isLow == (highSurrogate != nil) else {
      throw failure("half of a surrogate pair at offset \(offset - (isLow ? 2 : 4))")
    }
    guard let high = highSurrogate else {
      highSurrogate = unit
      return nil
    }
    highSurrogate = nil
    return 0x10000 + (UInt32(high & 0x3FF) << 10 | UInt32(unit & 0x3FF))
  }

  /// - Returns: how many bytes it takes in UTF-8.
  @unsafe @inline(__always)
  private func write(_ scalar: UInt32, _ room: UnsafeMutableRawBufferPointer) -> Int {
    if scalar < 0x80 {
      unsafe room[0] = UInt8(truncatingIfNeeded: scalar)
      return 1
    }
    let length = scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4
    var rest = scalar
    for index in stride(from: length &- 1, to: 0, by: -1) {
      unsafe room[index] = 0x80 | UInt8(truncatingIfNeeded: rest & 0x3F)
      rest &>>= 6
    }
    let lead: UInt8 = length == 2 ? 0xC0 : length == 3 ? 0xE0 : 0xF0
    unsafe room[0] = lead | UInt8(truncatingIfNeeded: rest)
    return length
  }

  func finish() throws(StreamError) {
    if firstByte != nil || highSurrogate != nil { throw failure("it ends inside a character") }
  }

  private func failure(_ reason: String) -> StreamError {
    StreamError(.data, "the input is not UTF-16: \(reason)", location: name)
  }
}
