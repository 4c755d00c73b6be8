/// Why the bytes of a zone file cannot be used.
package enum ZoneFileError: Error, Equatable {
  case notAZoneFile
  case truncated
  /// A number that no zone has: a count, an index, an offset, or times that do not ascend.
  case malformed
}

extension ZoneRules {
  /// Reads a zone file: RFC 8536, "The Time Zone Information Format (TZif)", versions 1 to 4.
  ///
  /// The size of what is kept is bounded by the size of the file.
  package convenience init(name: String, file: Span<UInt8>) throws(ZoneFileError) {
    var header = try ZoneFileHeader(file, at: 0)
    var wordSize = 4
    var place = ZoneFileHeader.byteCount
    if header.version > 0 {
      // The first block is for readers of version 1.
      place += try header.blockSize(wordSize: 4)
      header = try ZoneFileHeader(file, at: place)
      place += ZoneFileHeader.byteCount
      wordSize = 8
    }
    let end = place + (try header.blockSize(wordSize: wordSize))
    guard end <= file.count else { throw .truncated }
    guard header.leapCount == 0, (1...256).contains(header.typeCount) else { throw .malformed }
    let (transitions, offsets) = try ZoneRules.periods(file, header, at: place, wordSize)
    let tail = wordSize == 8 ? try ZoneRules.footer(file, at: end) : nil
    self.init(name: name, transitions: transitions, offsets: offsets, tail: tail)
  }

  private static func periods(
    _ file: Span<UInt8>, _ header: ZoneFileHeader, at start: Int, _ wordSize: Int
  ) throws(ZoneFileError) -> (transitions: [Int64], offsets: [Int32]) {
    let types = start + header.timeCount * (wordSize + 1)
    var transitions: [Int64] = []
    var offsets = [try offset(file, ofType: 0, header, types)]
    for index in 0..<header.timeCount {
      let time = bigEndian(file, at: start + index * wordSize, wordSize)
      // RFC 8536 says so of the past; sums with what lies in 64 bits must not overflow.
      guard (-(1 << 59)...(1 << 59)).contains(time) else { throw .malformed }
      if let last = transitions.last, last >= time { throw .malformed }
      let type = Int(file[start + header.timeCount * wordSize + index])
      let offset = try offset(file, ofType: type, header, types)
      transitions.append(time)
      offsets.append(offset)
    }
    return (transitions, offsets)
  }

  private static func offset(
    _ file: Span<UInt8>, ofType type: Int, _ header: ZoneFileHeader, _ types: Int
  ) throws(ZoneFileError) -> Int32 {
    guard type < header.typeCount else { throw .malformed }
    let offset = bigEndian(file, at: types + type * 6, 4)
    guard (-89_999...93_599).contains(offset) else { throw .malformed }
    return Int32(offset)
  }

  /// The rule between the two line feeds at the end; nil when there is none.
  private static func footer(
    _ file: Span<UInt8>, at start: Int
  ) throws(ZoneFileError) -> YearlyRule? {
    guard start < file.count, file[start] == 0x0A else { throw .truncated }
    var end = start + 1
    while end < file.count, file[end] != 0x0A { end += 1 }
    guard end < file.count else { throw .truncated }
    if end == start + 1 { return nil }
    guard let rule = YearlyRule(file.extracting(start + 1..<end)) else { throw .malformed }
    return rule
  }

  /// - Precondition: the bytes are there.
  fileprivate static func bigEndian(_ file: Span<UInt8>, at place: Int, _ count: Int) -> Int64 {
    var word: UInt64 = 0
    for index in 0..<count { word = word << 8 | UInt64(file[place + index]) }
    return count == 4
      ? Int64(Int32(truncatingIfNeeded: word)) : Int64(truncatingIfNeeded: word)
  }
}

private struct ZoneFileHeader {
  static let byteCount = 44

  /// 0 for the first version, else the number.
  let version: UInt8
  let isUTCount: Int
  let isStandardCount: Int
  let leapCount: Int
  let timeCount: Int
  let typeCount: Int
  let charCount: Int

  init(_ file: Span<UInt8>, at place: Int) throws(ZoneFileError) {
    let magic: [UInt8] = [0x54, 0x5A, 0x69, 0x66]
    for (index, byte) in magic.enumerated() {
      // The second header stands in what is a zone file by its first.
      guard place + index < file.count else { throw place == 0 ? .notAZoneFile : .truncated }
      guard file[place + index] == byte else { throw place == 0 ? .notAZoneFile : .malformed }
    }
    guard file.count - place >= ZoneFileHeader.byteCount else { throw .truncated }
    let version = file[place + 4]
    self.version = version == 0 ? 0 : version &- 0x30
    func count(_ index: Int) -> Int {
      var word = 0
      for byte in 0..<4 { word = word << 8 | Int(file[place + 20 + index * 4 + byte]) }
      return word
    }
    isUTCount = count(0)
    isStandardCount = count(1)
    leapCount = count(2)
    timeCount = count(3)
    typeCount = count(4)
    charCount = count(5)
  }

  /// - Throws: when a count is more than any zone has, so that sums of them do not overflow.
  func blockSize(wordSize: Int) throws(ZoneFileError) -> Int {
    let counts = [isUTCount, isStandardCount, leapCount, timeCount, typeCount, charCount]
    guard counts.allSatisfy({ $0 <= 1 << 16 }) else { throw .malformed }
    return timeCount * (wordSize + 1) + typeCount * 6 + charCount + leapCount * (wordSize + 4)
      + isStandardCount + isUTCount
  }
}
