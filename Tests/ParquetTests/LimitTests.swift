import Columnar
import Parquet
import TestSupport
import Testing

/// A list of required elements, that is never null itself.
private func list(of element: CraftedElement) -> [CraftedElement] {
  [
    CraftedElement(name: "a", kind: .group(childCount: 1), logical: 3),
    CraftedElement(name: "list", kind: .group(childCount: 1), repetition: 2), element,
  ]
}

/// A page of lists whose elements are all the first of the dictionary.
private func lists(_ count: Int, of elementCount: Int) -> [UInt8] {
  let repetitions = (0..<count).flatMap { _ in runs([(0, 1), (1, elementCount - 1)]) }
  let definitions = runs([(1, count * elementCount)])
  return littleEndian(repetitions.count, byteCount: 4) + repetitions
    + littleEndian(definitions.count, byteCount: 4) + definitions
    + [1] + runs([(0, count * elementCount)])
}

/// Numbers as differences: a number, and then the other so many times.
private func deltas(_ first: Int, then other: Int, _ count: Int) -> [UInt8] {
  // Blocks of 128 in 4 parts; the first difference has 64 bits, and no other takes any.
  var bytes = varint(128) + [4] + varint(count + 1) + varint(first << 1)
  bytes += [0, 64, 0, 0, 0] + littleEndian(other - first, byteCount: 8)
  bytes += [UInt8](repeating: 0, count: 31 * 8)
  for _ in 0..<max(0, (count - 1) / 128) { bytes += [0, 0, 0, 0, 0] }
  return bytes
}

private let mebibyte = [UInt8](repeating: 0x61, count: 1 << 20)

@Suite("what a Parquet file may make of few bytes")
struct LimitTests {
  // MARK: - Schemas

  @Test("is no schema that is deeper than the stack, also of lists of old")
  func depth() {
    // A list whose repeated group has one field, but the name of an element.
    let elements = (0..<200).map { index in
      CraftedElement(
        name: "array", kind: .group(childCount: 1), repetition: index == 0 ? 0 : 2, logical: 3)
    }
    let leaf = CraftedElement(name: "array", kind: .leaf(type: 1), repetition: 2)
    #expect(throws: ParquetError.malformed("its schema is too deep")) {
      try ParquetFile(craftedFile(elements + [leaf]))
    }
  }

  @Test("are no paths that repeat long names without end")
  func paths() throws {
    let group = CraftedElement(
      name: String(repeating: "g", count: 1 << 20), kind: .group(childCount: 100))
    func schema(_ count: Int) -> Buffer<UInt8> {
      var group = group
      group.kind = .group(childCount: count)
      return craftedFile(
        [group] + (0..<count).map { CraftedElement(name: "\($0)", kind: .leaf(type: 1)) })
    }
    #expect(try ParquetFile(schema(60)).columns[0].member(59)?.path.utf8.count == 1 << 20 + 3)
    #expect(throws: ParquetError.malformed("the names in its schema are too long")) {
      try ParquetFile(schema(65))
    }
  }

  // MARK: - Types

  @Test("of any type, values are null where the type is unknown", arguments: [1, 2, 3, 4, 5, 6, 7])
  func void(type: Int) throws {
    let width = [0, 4, 8, 12, 4, 8, 0, 5][type]
    let data =
      type == 6 ? plainStrings([[1], [2], [3]]) : [UInt8](repeating: 1, count: 3 * width)
    let element = CraftedElement(
      name: "a", kind: .leaf(type: type, length: type == 7 ? width : 0), logical: 11)
    let plain = CraftedChunk(type: type, entryCount: 3, data: data, encoding: 0)
    let dictionary = CraftedChunk.dictionary(3, data)
    let indexed = CraftedChunk(
      type: type, entryCount: 3, data: [2] + runs([(2, 2), (0, 1)]), encoding: 8,
      dictionary: dictionary)
    for chunk in [plain, indexed] {
      let read = try batches(craftedFile([element], rowCount: 3, [chunk]))
      #expect(rows(read) == [[.null], [.null], [.null]])
      #expect(read[0].schema == Schema([Field("a", .void)]))
    }
  }

  @Test("is no dictionary of UUIDs whose text passes 2 GiB, though its bytes do not")
  func uuids() {
    let element = CraftedElement(name: "a", kind: .leaf(type: 7, length: 16), logical: 14)
    let dictionary = CraftedChunk.dictionary(60_000_000, [0], claimed: 960_000_000)
    let chunk = CraftedChunk(
      type: 7, entryCount: 1, data: [0], encoding: 8, dictionary: dictionary)
    let expected = ParquetError.unsupported(
      column: "a", "has a dictionary of more than 2 GiB, which is not read")
    #expect(throws: expected) { try batches(craftedFile([element], rowCount: 1, [chunk])) }
  }

  // MARK: - Lists

  @Test("are long lists: batches are as short as that takes")
  func longLists() throws {
    let chunk = CraftedChunk(
      type: 2, entryCount: 17 << 22, data: lists(17, of: 1 << 22), encoding: 8,
      dictionary: CraftedChunk.dictionary(1, littleEndian(7, byteCount: 8)))
    let element = CraftedElement(name: "element", kind: .leaf(type: 2))
    let file = try ParquetFile(craftedFile(list(of: element), rowCount: 17, [chunk]))
    let rows = try ParquetRows(file, columns: file.columns)
    var counts: [Int] = []
    while let batch = try rows.next() {
      guard case .list(let offsets, let elements) = batch.columns[0].storage else { break }
      for row in 0..<batch.rowCount { counts.append(Int(offsets[row + 1] - offsets[row])) }
      #expect(elements.type == .bigint && elements.value(elements.count - 1) == .integer(7))
      #expect(batch.byteCount < 200 << 20)
    }
    #expect(counts == [Int](repeating: 1 << 22, count: 17))
  }

  @Test("is no list of one row that takes all memory")
  func endlessStrings() throws {
    let chunk = CraftedChunk(
      type: 6, entryCount: 1 << 26, data: lists(1, of: 1 << 26), encoding: 8,
      dictionary: CraftedChunk.dictionary(1, plainStrings([mebibyte])))
    let element = CraftedElement(name: "element", kind: .leaf(type: 6), logical: 1)
    let bytes = craftedFile(list(of: element), rowCount: 1, [chunk])
    #expect(throws: ParquetError.column("a.element", "a row of more than 512 MiB is not read")) {
      try batches(bytes)
    }
  }

  // MARK: - Strings

  private func strings(
    _ name: String, _ dictionary: [[UInt8]], _ indices: [(number: UInt8, count: Int)]
  ) -> (CraftedElement, CraftedChunk) {
    let chunk = CraftedChunk(
      type: 6, entryCount: indices.reduce(0) { $0 + $1.count }, data: [2] + runs(indices),
      encoding: 8,
      dictionary: CraftedChunk.dictionary(dictionary.count, plainStrings(dictionary)))
    return (CraftedElement(name: name, kind: .leaf(type: 6), logical: 1), chunk)
  }

  @Test("are long strings, of which no more wait than fit while another column goes on slowly")
  func unequalColumns() throws {
    let (a, many) = strings("a", [mebibyte], [(0, 100)])
    let long = [UInt8](repeating: 0x62, count: 33 << 20)
    let (b, few) = strings("b", [long, [0x63]], [(0, 3), (1, 97)])
    let file = try ParquetFile(craftedFile([a, b], rootCount: 2, rowCount: 100, [many, few]))
    let rows = try ParquetRows(file, columns: file.columns)
    var counts: [Int] = []
    while let batch = try rows.next() {
      #expect(batch.byteCount < 70 << 20)
      counts.append(batch.rowCount)
    }
    #expect(counts.prefix(4) == [1, 1, 1, 32] && counts.reduce(0, +) == 100)
  }

  @Test("are many columns of long strings: all together make a batch")
  func wideRows() throws {
    let columns = (0..<20).map { strings("c\($0)", [mebibyte], [(0, 20)]) }
    let file = try ParquetFile(
      craftedFile(columns.map(\.0), rootCount: 20, rowCount: 20, columns.map(\.1)))
    let rows = try ParquetRows(file, columns: file.columns)
    var count = 0
    while let batch = try rows.next() {
      #expect(batch.byteCount < 300 << 20)
      count += batch.rowCount
    }
    #expect(count == 20)
  }

  @Test("are strings that repeat the one before: batches are as short as that takes")
  func sharedPrefixes() throws {
    let (length, count) = (20_000, 16_000)
    let string = [UInt8](repeating: 0x61, count: length)
    let data = deltas(0, then: length, count - 1) + deltas(length, then: 0, count - 1) + string
    let chunk = CraftedChunk(type: 6, entryCount: count, data: data, encoding: 7)
    let element = CraftedElement(name: "a", kind: .leaf(type: 6), logical: 1)
    let file = try ParquetFile(craftedFile([element], rowCount: count, [chunk]))
    let rows = try ParquetRows(file, columns: file.columns)
    var total = 0
    while let batch = try rows.next() {
      #expect(batch.byteCount < 40 << 20)
      guard case .bytes(let strings) = batch.columns[0].storage else { break }
      #expect(strings.totalLength == batch.rowCount * length)
      total += batch.rowCount
    }
    #expect(total == count)
  }

  @Test("are long strings of a page that is larger than a batch", arguments: [0, 6])
  func largePages(encoding: Int) throws {
    let (length, count) = (3 << 20, 12)
    let string = [UInt8](repeating: 0x61, count: length)
    var data = encoding == 6 ? deltas(length, then: length, count - 1) : []
    for _ in 0..<count {
      if encoding == 0 { data += littleEndian(length, byteCount: 4) }
      data += string
    }
    let chunk = CraftedChunk(type: 6, entryCount: count, data: data, encoding: encoding)
    let element = CraftedElement(name: "a", kind: .leaf(type: 6), logical: 1)
    let file = try ParquetFile(craftedFile([element], rowCount: count, [chunk]))
    let rows = try ParquetRows(file, columns: file.columns)
    var counts: [Int] = []
    while let batch = try rows.next() { counts.append(batch.rowCount) }
    #expect(counts == [11, 1])
  }
}
