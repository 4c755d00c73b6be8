import Columnar
import Operators
import TestSupport
import Testing

/// Groups by a dictionary of rows.
private struct SlowGroups {
  private var numbers: [[Value]: Int32] = [:]
  private(set) var keys: [[Value]] = []

  mutating func group(of key: [Value]) -> Int32 {
    if let known = numbers[key] { return known }
    numbers[key] = Int32(keys.count)
    keys.append(key)
    return Int32(keys.count - 1)
  }
}

private let keyTypes: [[DataType]] =
  someTypes.map { [$0] } + [
    [], [.string, .bigint], [.int, .int, .string], [.string, .string], [.double, .boolean, .date],
    Array(someTypes),
  ]

/// Words, or the first 8 bytes of keys of that length, whose hashes end in 13 zeros: what somebody
/// who has read the source could send.
private func collidingKeys(count: Int, length: Int) -> [UInt64] {
  let (first, second): (UInt64, UInt64) = (0xA076_1D64_78BD_642F, 0xE703_7ED1_A0B4_28DB)
  let (left, right) =
    switch length {
    case 0: (first, second)
    case 16: (first ^ 16, second)
    default: (first, UInt64(length) << 56 ^ second)
    }
  var keys: [UInt64] = []
  var key: UInt64 = 0
  while keys.count < count {
    let product = (key ^ left).multipliedFullWidth(by: right)
    if (product.low ^ product.high) & 0x1FFF == 0 { keys.append(key) }
    key += 1
  }
  return keys
}

@Suite("group tables")
struct GroupTableTests {
  @Test("number keys like a dictionary, wherever batches are cut", arguments: keyTypes)
  func twin(types: [DataType]) throws {
    let columns = types.enumerated().map { index, type in
      Column(type, values: randomValues(type, count: 1500, seed: UInt64(index)))
    }
    var slow = SlowGroups()
    let expected = (0..<1500).map { row in slow.group(of: columns.map { $0.value(row) }) }
    for size in [1, 63, 64, 65, 700, 1500] {
      var table = GroupTable(keyTypes: types)
      var groups: [Int32] = []
      for start in stride(from: 0, to: 1500, by: size) {
        let rows = start..<min(start + size, 1500)
        groups += try table.groups(of: columns.map { $0[rows] }, rowCount: rows.count).elements
      }
      #expect(groups == expected)
      #expect(table.count == max(slow.keys.count, types.isEmpty ? 1 : 0))
      let all = Buffer((0..<table.count).map { Int32($0) })
      #expect(
        table.keys(of: all).map(\.values) == types.indices.map { i in slow.keys.map { $0[i] } })
    }
  }

  @Test("find the keys that are there, and add none", arguments: keyTypes)
  func finds(types: [DataType]) throws {
    let columns = types.enumerated().map { index, type in
      Column(type, values: randomValues(type, count: 900, seed: UInt64(index)))
    }
    var table = GroupTable(keyTypes: types)
    var slow = SlowGroups()
    let known = (0..<400).map { row in slow.group(of: columns.map { $0.value(row) }) }
    #expect(try table.groups(of: columns.map { $0[0..<400] }, rowCount: 400).elements == known)
    let count = Int32(table.count)
    let expected = (0..<900).map { row -> Int32 in
      let group = slow.group(of: columns.map { $0.value(row) })
      return group < count ? group : -1
    }
    #expect(try table.find(columns, rowCount: 900).elements == expected)
    #expect(table.count == Int(count))
  }

  @Test("hold on to many keys of every length")
  func grows() throws {
    let keys = (0..<30_000).map { String(repeating: "k", count: $0 % 40) + String($0) }
    let column = Column(keys)
    var table = GroupTable(keyTypes: [.string])
    let expected = (0..<30_000).map { Int32($0) }
    for _ in 0..<2 {
      #expect(try table.groups(of: [column], rowCount: keys.count).elements == expected)
    }
    #expect(table.keys(of: Buffer(expected))[0].values == column.values)
    let numbers = Column((0..<30_000).map { Int64($0) << 32 })
    var words = GroupTable(keyTypes: [.bigint])
    for _ in 0..<2 {
      #expect(try words.groups(of: [numbers], rowCount: keys.count).elements == expected)
    }
  }

  @Test("tell keys apart that differ by zeros, length or a null")
  func alike() throws {
    let texts = ["", "\0", "\0\0", "a", "a\0", String(repeating: "\0", count: 15)]
    let long = (15...18).map { String(repeating: "x", count: $0) }
    let keys = (texts + long).map { Optional($0) } + [nil]
    var table = GroupTable(keyTypes: [.string])
    let groups = try table.groups(of: [Column(keys)], rowCount: keys.count)
    #expect(groups.elements == keys.indices.map { Int32($0) })
    #expect(table.keys(of: groups)[0].values == Column(keys).values)
  }

  @Test("take -0.0 for 0.0 and NaN for itself")
  func doubles() throws {
    let column = Column([0.0, -0.0, .nan, -.nan, nil, 1] as [Double?])
    for types in [[DataType.double], [.double, .double]] {
      var table = GroupTable(keyTypes: types)
      let groups = try table.groups(of: types.map { _ in column }, rowCount: 6)
      #expect(groups.elements == [0, 0, 1, 1, 2, 3])
    }
  }

  @Test("stay right when keys are chosen to share a slot", arguments: [0, 8, 16])
  func hostile(length: Int) throws {
    let keys = collidingKeys(count: 3000, length: length)
    let column =
      length == 0
      ? Column(keys.map { Optional(Int64(bitPattern: $0)) })
      : Column(
        .binary,
        values: keys.map { key in
          .binary(
            (0..<length).map { $0 < 8 ? UInt8(truncatingIfNeeded: key >> UInt64(8 * $0)) : 0 })
        })
    let expected = (0..<3000).map { Int32($0) }
    for size in [50, 3000] {
      var table = GroupTable(keyTypes: [column.type])
      for start in stride(from: 0, to: 3000, by: size) {
        let groups = try table.groups(of: [column[start..<start + size]], rowCount: size)
        #expect(groups.elements == Array(expected[start..<start + size]))
      }
      #expect(try table.groups(of: [column], rowCount: 3000).elements == expected)
      #expect(table.keys(of: Buffer(expected))[0].values == column.values)
    }
  }

  @Test("list the groups that changed, by their first row")
  func changes() throws {
    var table = GroupTable(keyTypes: [.int])
    func add(_ keys: [Int32]) throws {
      let column = Column(keys.map { Optional($0) })
      table.markChanged(try table.groups(of: [column], rowCount: keys.count))
    }
    try add(Array(0..<200))
    #expect(table.takeChanged().elements == (0..<200).map { Int32($0) })
    #expect(table.takeChanged().elements.isEmpty)
    try add([150, 3, 150, 7])
    try add([3, 500, 64])
    #expect(table.takeChanged().elements == [150, 3, 7, 200, 64])
    try add([3])
    #expect(table.takeChanged().elements == [3])
  }
}
