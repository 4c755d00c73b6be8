import Columnar

/// What a JSON text may have beyond the standard.
struct JSONLeniency: Sendable {
  var allowsSingleQuotes = true
  var allowsNonFinite = false
  var allowsPlainNames = false
}

/// A JSON value, cut into its parts: in one array that is filled anew for each row.
struct JSONTape {
  enum Kind: UInt8, BitwiseCopyable {
    case null, `true`, `false`, integer, real, nonFinite, string, array, object
  }

  struct Element: BitwiseCopyable {
    var kind: Kind
    /// The bytes of a scalar; of a string those between its quotes.
    var start: Int32
    var end: Int32
    /// The element behind this one and all that is in it.
    var next: Int32
    var hasEscapes = false
  }

  /// The value, then what is in it: the elements of an array, names and values of an object in
  /// turn.
  private(set) var elements: [Element] = []
  /// The arrays and objects that are open.
  private var open: [Int] = []
  private let leniency: JSONLeniency

  /// As deep as the reader of the reference goes.
  private static let depthMax = 1000

  init(_ leniency: JSONLeniency = JSONLeniency()) { self.leniency = leniency }

  /// Reads the value that a text begins with; what stands behind it is not looked at.
  ///
  /// - Returns: false when there is none that is whole.
  mutating func parse(_ text: Span<UInt8>) -> Bool {
    elements.removeAll(keepingCapacity: true)
    open.removeAll(keepingCapacity: true)
    guard text.count < Int(Int32.max) else { return false }
    return unsafe text.withUnsafeBufferPointer { bytes in
      var reader = unsafe JSONByteReader(bytes, leniency)
      return parse(&reader)
    }
  }

  private mutating func parse(_ reader: inout JSONByteReader) -> Bool {
    while true {
      guard value(&reader) else { return false }
      // Ends what ends here, then looks for the next value.
      while true {
        if open.last.map({ elements[$0].next == 0 }) ?? false {
          // Just opened: its first value comes, unless it is empty.
          let container = open[open.count - 1]
          elements[container].next = -1
          if reader.take(elements[container].kind == .array ? 0x5D : 0x7D) {
            close(reader.place)
            continue
          }
          guard elements[container].kind == .array || name(&reader) else { return false }
          break
        }
        guard let container = open.last else { return true }
        let isArray = elements[container].kind == .array
        if reader.take(0x2C) {
          guard isArray || name(&reader) else { return false }
          break
        }
        guard reader.take(isArray ? 0x5D : 0x7D) else { return false }
        close(reader.place)
      }
    }
  }

  private mutating func close(_ end: Int) {
    let container = open.removeLast()
    elements[container].next = Int32(elements.count)
    elements[container].end = Int32(end)
  }

  /// Takes a scalar, or the opening of an array or an object.
  private mutating func value(_ reader: inout JSONByteReader) -> Bool {
    reader.skipSpaces()
    guard let byte = reader.next else { return false }
    if byte == 0x5B || byte == 0x7B {
      guard open.count < JSONTape.depthMax else { return false }
      open.append(elements.count)
      append(byte == 0x5B ? .array : .object, reader.place..<reader.place)
      elements[elements.count - 1].next = 0
      reader.skip()
      return true
    }
    guard let (kind, range, hasEscapes) = reader.scalar() else { return false }
    append(kind, range, hasEscapes)
    return true
  }

  /// Takes the name of a member and its colon.
  private mutating func name(_ reader: inout JSONByteReader) -> Bool {
    reader.skipSpaces()
    guard let (range, hasEscapes) = reader.name() else { return false }
    append(.string, range, hasEscapes)
    return reader.take(0x3A)
  }

  private mutating func append(_ kind: Kind, _ range: Range<Int>, _ hasEscapes: Bool = false) {
    elements.append(
      Element(
        kind: kind, start: Int32(range.lowerBound), end: Int32(range.upperBound),
        next: Int32(elements.count + 1), hasEscapes: hasEscapes))
  }
}

/// Reads the bytes of a JSON text.
@safe
struct JSONByteReader {
  // SAFETY: `count` bytes from `text` on are readable while the value lives; it stays on the stack
  // of a function that was given them.
  private let text: UnsafeBufferPointer<UInt8>
  private let leniency: JSONLeniency
  private(set) var place = 0

  @unsafe
  init(_ text: UnsafeBufferPointer<UInt8>, _ leniency: JSONLeniency) {
    unsafe self.text = text
    self.leniency = leniency
  }

  private var count: Int { unsafe text.count }

  private func byte(_ index: Int) -> UInt8 {
    precondition(index >= 0 && index < count)
    return unsafe text[index]
  }

  var next: UInt8? { place < count ? unsafe text[place] : nil }

  mutating func skip() { place += 1 }

  mutating func skipSpaces() {
    while let byte = next, byte == 0x20 || 0x09...0x0A ~= byte || byte == 0x0D { place += 1 }
  }

  /// Takes a byte behind spaces.
  mutating func take(_ byte: UInt8) -> Bool {
    skipSpaces()
    guard next == byte else { return false }
    place += 1
    return true
  }

  private mutating func take(word: StaticString) -> Bool {
    let length = word.utf8CodeUnitCount
    guard count - place >= length else { return false }
    for index in 0..<length where unsafe byte(place + index) != word.utf8Start[index] {
      return false
    }
    // A word ends where its letters do.
    if place + length < count, JSONByteReader.isLetter(byte(place + length)) { return false }
    place += length
    return true
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    0x61...0x7A ~= byte | 0x20 || 0x30...0x39 ~= byte || byte == 0x5F
  }

  mutating func scalar() -> (JSONTape.Kind, Range<Int>, hasEscapes: Bool)? {
    let first = place
    switch next {
    case 0x22?, 0x27?: return string().map { (.string, $0.range, $0.hasEscapes) }
    case 0x74? where take(word: "true"): return (.true, first..<place, false)
    case 0x66? where take(word: "false"): return (.false, first..<place, false)
    case 0x6E? where take(word: "null"): return (.null, first..<place, false)
    default: break
    }
    if leniency.allowsNonFinite {
      for word in ["NaN", "Infinity", "-Infinity", "+Infinity", "INF", "-INF", "+INF"]
        as [StaticString] where take(word: word)
      {
        return (.nonFinite, first..<place, false)
      }
    }
    return number().map { ($0, first..<place, false) }
  }

  private mutating func digits() -> Int {
    let first = place
    while let byte = next, byte &- 0x30 <= 9 { place += 1 }
    return place - first
  }

  private mutating func number() -> JSONTape.Kind? {
    if next == 0x2D { place += 1 }
    let first = place
    let length = digits()
    guard length > 0, length == 1 || byte(first) != 0x30 else { return nil }
    var kind = JSONTape.Kind.integer
    if next == 0x2E {
      kind = .real
      place += 1
      guard digits() > 0 else { return nil }
    }
    if next == 0x65 || next == 0x45 {
      kind = .real
      place += 1
      if next == 0x2B || next == 0x2D { place += 1 }
      guard digits() > 0 else { return nil }
    }
    // Nothing may touch a number.
    if let byte = next, JSONByteReader.isLetter(byte) { return nil }
    return kind
  }

  mutating func name() -> (range: Range<Int>, hasEscapes: Bool)? {
    if let string = string() { return string }
    guard leniency.allowsPlainNames else { return nil }
    let first = place
    while let byte = next, JSONByteReader.isLetter(byte) || byte == 0x24 || byte >= 0x80 {
      place += 1
    }
    return place > first ? (first..<place, false) : nil
  }

  /// The bytes between the quotes; nil when there is no string, or none that is whole.
  private mutating func string() -> (range: Range<Int>, hasEscapes: Bool)? {
    guard let quote = next, quote == 0x22 || quote == 0x27 && leniency.allowsSingleQuotes else {
      return nil
    }
    place += 1
    let first = place
    var hasEscapes = false
    while let byte = next {
      place += 1
      if byte == quote { return (first..<place - 1, hasEscapes) }
      if byte < 0x20 { return nil }
      if byte == 0x5C {
        hasEscapes = true
        guard escape() else { return nil }
      }
    }
    return nil
  }

  /// Skips what stands behind a backslash.
  private mutating func escape() -> Bool {
    guard let byte = next else { return false }
    place += 1
    switch byte {
    case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: return true
    case 0x27: return leniency.allowsSingleQuotes
    case 0x75:
      for _ in 0..<4 {
        guard let digit = next, hexadecimalDigit(digit) != nil else { return false }
        place += 1
      }
      return true
    default: return false
    }
  }
}

func hexadecimalDigit(_ byte: UInt8) -> UInt32? {
  switch byte {
  case 0x30...0x39: UInt32(byte - 0x30)
  case 0x41...0x46: UInt32(byte - 0x37)
  case 0x61...0x66: UInt32(byte - 0x57)
  default: nil
  }
}
