import Columnar
import TestSupport
import Testing

/// Doubles are normalised in keys: what equals 0.0 is 0.0.
private func normalized(_ value: Value) -> Value {
  switch value {
  case .double(let number): .double(number == 0 ? 0 : number)
  case .list(let elements): .list(elements.map(normalized))
  case .structure(let fields): .structure(fields.map(normalized))
  default: value
  }
}

private let keyTypes: [[DataType]] =
  someTypes.map { [$0] } + someTypes.map { [$0, .string] } + someTypes.map { [.string, $0, .int] }
  + [[.string, .string, .binary], Array(someTypes), [.void, .void]]

@Suite("keys of several columns")
struct KeyEncodingTests {
  @Test("give back the values, and are equal where the rows are", arguments: keyTypes)
  func roundTrip(types: [DataType]) throws {
    for count in someCounts {
      let values = types.enumerated().map { index, type in
        randomValues(type, count: count, seed: UInt64(index + 1))
      }
      let columns = zip(types, values).map { Column($0, values: $1) }
      let encoding = KeyEncoding(types)
      let keys = try #require(encoding.encode(columns, rowCount: count))
      for (column, expected) in zip(encoding.decode(keys), values) {
        #expect(column.values == expected.map(normalized))
      }
      let rows = (0..<count).map { row in values.map { normalized($0[row]) } }
      for left in 0..<min(count, 20) {
        for right in 0..<count {
          let isEqual =
            keys[left].count == keys[right].count
            && compareBytes(keys[left], keys[right]) == 0
          #expect(isEqual == (rows[left] == rows[right]))
        }
      }
    }
  }

  @Test("tell long texts apart, whatever column they are in", arguments: [254, 255, 256, 70_000])
  func longTexts(length: Int) throws {
    let long = String(repeating: "x", count: length)
    let columns = [Column([long, "", long]), Column(["", long, long])]
    let encoding = KeyEncoding([.string, .string])
    let keys = try #require(encoding.encode(columns, rowCount: 3))
    #expect(encoding.decode(keys).map(\.values) == columns.map(\.values))
  }

  @Test("take slices and what stands under a null")
  func slices() throws {
    let strings = Column(["a", "b", "c", "d"]).replacing(
      validity: Bitmap([true, false, true, true]))
    let column = strings[1..<4]
    let encoding = KeyEncoding([.string, .bigint])
    let numbers = Column([7, nil, 9, 9] as [Int64?])[1..<4]
    let keys = try #require(encoding.encode([column, numbers], rowCount: 3))
    #expect(encoding.decode(keys)[0].values == [.null, .string("c"), .string("d")])
    #expect(encoding.decode(keys)[1].values == [.null, .integer(9), .integer(9)])
  }
}

@Suite("encodings that keep the order")
struct OrderedEncodingTests {
  @Test("give back the values and compare as they do", arguments: someTypes, [false, true])
  func roundTrip(type: DataType, normalizing: Bool) {
    let column = Column(type, values: randomValues(type, count: 65, seed: 11))
    let encoding = OrderedEncoding(normalizing: normalizing)
    let keys = encoding.encode(column)
    let decoded = encoding.decode(keys, as: type, validity: column.validity)
    #expect(decoded.values == column.values)
    for left in 0..<65 where !column.isNull(left) {
      for right in 0..<65 where !column.isNull(right) {
        let order = column.order(left, against: column, right).signum()
        #expect(compareBytes(keys[left], keys[right]).signum() == order)
      }
    }
  }

  @Test("order zeros inside strings, NaN last, -0.0 with 0.0")
  func edges() {
    let strings = Column(["", "\0", "\0\0", "\0\u{1}", "a", "a\0", "a\0b", "ab"])
    let encoded = OrderedEncoding(normalizing: true).encode(strings)
    for index in 1..<8 { #expect(compareBytes(encoded[index - 1], encoded[index]) < 0) }
    let numbers = Column([-.infinity, -1.5, -0.0, 1.5, .infinity, .nan] as [Double?])
    let ascending = OrderedEncoding(normalizing: true).encode(numbers)
    for index in 1..<6 { #expect(compareBytes(ascending[index - 1], ascending[index]) < 0) }
    let zero = OrderedEncoding(normalizing: true).encode(Column([0.0] as [Double?]))
    #expect(compareBytes(ascending[2], zero[0]) == 0)
  }
}

@Suite("sorting")
struct SortingTests {
  @Test("is what a stable sort by comparison gives", arguments: someTypes, [1, 63, 64, 65, 200])
  func twin(type: DataType, count: Int) {
    let first = Column(.int, values: randomValues(.int, count: count, seed: 5).map(coarse))
    let second = Column(type, values: randomValues(type, count: count, seed: 6))
    for (isDescending, nullsFirst) in [(false, true), (true, false), (true, true), (false, false)] {
      let columns = [
        SortColumn(first, isDescending: !isDescending, nullsFirst: nullsFirst),
        SortColumn(second, isDescending: isDescending, nullsFirst: nullsFirst),
      ]
      let expected = (0..<count).sorted { compare(columns, $0, $1) < 0 }.map { Int32($0) }
      #expect(sortedRows(by: columns, rowCount: count).elements == expected)
      for limit in [0, 1, 5, count] {
        let head = sortedRows(by: columns, rowCount: count, limit: limit)
        #expect(head.elements == Array(expected.prefix(limit)))
      }
    }
  }

  private func coarse(_ value: Value) -> Value {
    if case .integer(let number) = value { .integer(number % 3) } else { value }
  }

  private func compare(_ columns: [SortColumn], _ left: Int, _ right: Int) -> Int {
    for key in columns {
      let (leftNull, rightNull) = (key.column.isNull(left), key.column.isNull(right))
      if leftNull != rightNull { return leftNull == key.nullsFirst ? -1 : 1 }
      if leftNull { continue }
      let order = key.column.order(left, against: key.column, right)
      if order != 0 { return key.isDescending ? -order : order }
    }
    return left - right
  }

  @Test("without columns keeps the order")
  func nothing() {
    #expect(sortedRows(by: [], rowCount: 3).elements == [0, 1, 2])
    #expect(sortedRows(by: [], rowCount: 0).elements.isEmpty)
    #expect(sortedRows(by: [], rowCount: 100, limit: 2).elements == [0, 1])
  }
}

@Suite("words")
struct WordTests {
  @Test("give back the values", arguments: someTypes.filter(\.isWord), someCounts)
  func roundTrip(type: DataType, count: Int) {
    let values = randomValues(type, count: count, seed: 12)
    let column = Column(type, values: values)
    #expect(Column(type, words: column.words(), validity: column.validity).values == values)
  }

  @Test("are equal where the numbers are")
  func equality() {
    let numbers = Column([0.0, -0.0, .nan, -.nan, 1.0] as [Double?]).equalityWords()
    #expect(numbers[0] == numbers[1])
    #expect(numbers[2] == numbers[3])
    #expect(numbers[4] == Int64(bitPattern: (1.0).bitPattern))
  }
}
