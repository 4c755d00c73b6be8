import Columnar

/// Numbers the different values of a chunk, as long as that is worth it.
struct DictionaryBuilder: ~Copyable {
  private var words = MutableBuffer<UInt64>()
  private var strings = ByteStringsBuilder()
  /// The number of the value at each place of a hash table; -1 where there is none.
  private var table = [Int32](repeating: -1, count: 1024)
  private(set) var count = 0
  /// In the encoding PLAIN.
  private(set) var byteCount = 0

  private static let byteCountMax = 1 << 20

  init() {}

  /// The dictionary has become too large to be worth it.
  var isFull: Bool { byteCount > DictionaryBuilder.byteCountMax }

  /// Appends the numbers of values.
  ///
  /// - Returns: false for values of which no dictionary is made.
  mutating func number(_ values: PlainValues, into indices: inout MutableBuffer<Int32>) -> Bool {
    switch values {
    case .words(let source, let width):
      let span = source.span
      for index in span.indices { indices.append(number(span[index], width)) }
    case .strings(let source):
      for index in 0..<source.count { indices.append(number(source, index)) }
    case .none, .bits, .decimals: return false
    }
    return true
  }

  private mutating func number(_ word: UInt64, _ width: Int) -> Int32 {
    var place = Int(truncatingIfNeeded: DictionaryBuilder.mixed(word)) & (table.count - 1)
    while table[place] >= 0 {
      if words[Int(table[place])] == word { return table[place] }
      place = (place + 1) & (table.count - 1)
    }
    words.append(word)
    byteCount += width
    return insert(at: place)
  }

  private mutating func number(_ source: ByteStrings, _ index: Int) -> Int32 {
    let value = source[index]
    var place = Int(truncatingIfNeeded: DictionaryBuilder.hash(value)) & (table.count - 1)
    while table[place] >= 0 {
      if isSame(value, Int(table[place])) { return table[place] }
      place = (place + 1) & (table.count - 1)
    }
    strings.append(value)
    byteCount += value.count + 4
    return insert(at: place)
  }

  private func isSame(_ value: Span<UInt8>, _ number: Int) -> Bool {
    let start = Int(strings.offsets[number])
    guard Int(strings.offsets[number + 1]) - start == value.count else { return false }
    for index in value.indices where value[index] != strings.bytes[start + index] { return false }
    return true
  }

  private mutating func insert(at place: Int) -> Int32 {
    let number = Int32(count)
    table[place] = number
    count += 1
    if count * 2 > table.count { grow() }
    return number
  }

  private mutating func grow() {
    let isWords = words.count > 0
    table = [Int32](repeating: -1, count: table.count * 4)
    for number in 0..<count {
      let hash =
        isWords ? DictionaryBuilder.mixed(words[number]) : DictionaryBuilder.hash(string(number))
      var place = Int(truncatingIfNeeded: hash) & (table.count - 1)
      while table[place] >= 0 { place = (place + 1) & (table.count - 1) }
      table[place] = Int32(number)
    }
  }

  @_lifetime(borrow self)
  private func string(_ number: Int) -> Span<UInt8> {
    let range = Int(strings.offsets[number])..<Int(strings.offsets[number + 1])
    return strings.bytes.span.extracting(range)
  }

  private static func mixed(_ word: UInt64) -> UInt64 {
    let mixed = (word ^ word >> 32) &* 0x9E37_79B9_7F4A_7C15
    return mixed ^ mixed >> 29
  }

  private static func hash(_ value: Span<UInt8>) -> UInt64 {
    var (hash, word, filled) = (UInt64(value.count), UInt64(0), UInt64(0))
    for index in value.indices {
      word |= UInt64(value[index]) << filled
      filled += 8
      if filled == 64 {
        hash = mixed(hash &* 31 ^ word)
        (word, filled) = (0, 0)
      }
    }
    return mixed(hash &* 31 ^ word)
  }

  /// The values in the encoding PLAIN.
  func append(width: Int, to output: inout MutableBuffer<UInt8>) {
    if words.count > 0 {
      for index in 0..<words.count { output.append(littleEndian: words[index], width: width) }
    }
    for number in 0..<strings.count {
      let value = string(number)
      output.append(littleEndian: UInt64(value.count), width: 4)
      output.append(contentsOf: value)
    }
  }
}
