internal import Columnar
internal import Diagnostics
internal import Formats

/// Puts rows into directories by the values of columns, as Hive lays tables out:
/// `country=de/day=2024-01-01`.
///
/// What a file system or a reader could misunderstand is written as `%2F`; null, and the empty
/// string, are `__HIVE_DEFAULT_PARTITION__`.
struct PartitionSplitter {
  /// What is left for the files.
  let rest: Schema
  private let names: [String]
  private let keyColumns: [Int]
  private let restColumns: [Int]
  private let encoding: KeyEncoding
  private var directories: [[UInt8]: String] = [:]

  /// So many directories are remembered.
  private static let directoryCountMax = 100_000
  private static let nameBytesMax = 255

  /// - Throws: a usage error when there is no such column, or it cannot be part of a name.
  init(by columns: [String], of schema: Schema) throws(StreamError) {
    var indices: [Int] = []
    for name in columns {
      guard let index = schema.index(of: name) else {
        let meant = nearest(to: name, among: schema.names).map { " (did you mean '\($0)'?)" } ?? ""
        throw StreamError(
          .usage,
          "--partition-by: no column '\(name)'\(meant); "
            + "columns: \(schema.names.joined(separator: ", "))")
      }
      let field = schema.fields[index]
      guard !field.type.isNested, field.type != .binary else {
        throw StreamError(
          .usage, "--partition-by: '\(field.name)' is \(field.type), which makes no name")
      }
      guard !indices.contains(index) else {
        throw StreamError(.usage, "--partition-by: '\(field.name)' is named twice")
      }
      indices.append(index)
    }
    keyColumns = indices
    restColumns = schema.fields.indices.filter { !indices.contains($0) }
    guard !restColumns.isEmpty else {
      throw StreamError(.usage, "--partition-by: no column is left for the files")
    }
    rest = Schema(restColumns.map { schema.fields[$0] })
    names = keyColumns.map { escapedForPath(schema.fields[$0].name) }
    encoding = KeyEncoding(keyColumns.map { schema.fields[$0].type })
  }

  /// - Returns: the rows of each directory in their order, the directories in the order of their
  ///   first rows.
  mutating func split(_ batch: Batch) throws -> [(directory: String, rows: Batch)] {
    let columns = keyColumns.map { batch.columns[$0] }
    guard let keys = encoding.encode(columns, rowCount: batch.rowCount) else {
      let middle = batch.rowCount / 2
      guard middle > 0 else { throw StreamError(.data, "a row of more than 1 GiB") }
      return try split(batch[0..<middle]) + split(batch[middle..<batch.rowCount])
    }
    let values = Batch(
      schema: rest, columns: restColumns.map { batch.columns[$0] }, rowCount: batch.rowCount)
    var groups: [(directory: String, rows: [Int32])] = []
    var places: [String: Int] = [:]
    var group = 0
    for row in 0..<batch.rowCount {
      if row == 0 || !isSame(keys, row - 1, row) {
        let directory = try directory(keys[row], columns, row)
        group = places[directory] ?? groups.count
        if group == groups.count {
          places[directory] = group
          groups.append((directory, []))
        }
      }
      groups[group].rows.append(Int32(truncatingIfNeeded: row))
    }
    if groups.count == 1 { return [(groups[0].directory, values)] }
    return groups.map { ($0.directory, values.gathering(Buffer($0.rows))) }
  }

  private func isSame(_ keys: ByteStrings, _ left: Int, _ right: Int) -> Bool {
    guard keys.length(left) == keys.length(right) else { return false }
    let (left, right) = (keys[left], keys[right])
    for index in left.indices where left[index] != right[index] { return false }
    return true
  }

  private mutating func directory(
    _ key: Span<UInt8>, _ columns: [Column], _ row: Int
  ) throws(StreamError) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(key.count)
    for index in key.indices { bytes.append(key[index]) }
    if let known = directories[bytes] { return known }
    var parts: [String] = []
    for (name, column) in zip(names, columns) {
      let text = columnText(column[row..<row + 1]).string(0)
      let isDefault = column.isNull(row) || text.isEmpty
      let part = "\(name)=\(isDefault ? "__HIVE_DEFAULT_PARTITION__" : escapedForPath(text))"
      guard part.utf8.count <= PartitionSplitter.nameBytesMax else {
        throw StreamError(
          .data,
          "--partition-by: a value makes a name of more than 255 bytes: "
            + "'\(part.prefix(60))…'")
      }
      parts.append(part)
    }
    let directory = parts.joined(separator: "/")
    if directories.count >= PartitionSplitter.directoryCountMax { directories = [:] }
    directories[bytes] = directory
    return directory
  }
}

/// The characters that Hive escapes in names of partitions, as `%XX`.
func escapedForPath(_ text: String) -> String {
  let special = Array("\"#%'*/:=?\\{}[]^".utf8)
  let digits = Array("0123456789ABCDEF".utf8)
  var bytes: [UInt8] = []
  for byte in text.utf8 {
    if byte < 0x20 || byte == 0x7F || special.contains(byte) {
      bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    } else {
      bytes.append(byte)
    }
  }
  return String(decoding: bytes, as: UTF8.self)
}
