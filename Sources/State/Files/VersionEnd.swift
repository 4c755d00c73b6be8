internal import JSONText

/// The mark behind the rows of a version: a batch without rows whose metadata hold this.
struct VersionEnd: Sendable, Equatable {
  var version: Int64
  /// The version before; nil in a snapshot, which needs none.
  var after: Int64?
  /// The bytes of the file in front of this mark.
  var byteCount: Int64
  /// The rows of this version.
  var rowCount: Int64

  /// Of the metadata.
  static let key = "stream.state.end"

  /// Digits stand here while the checksum is computed.
  static let blank = String(repeating: "0", count: 16)

  /// What the metadata hold, with a ``blank`` checksum: that of all bytes since the mark before, or
  /// since the beginning of the file, to the end of this mark, as it is now.
  var blankText: String {
    let json: JSON = [
      "version": .integer(version), "after": after.map { .integer($0) } ?? .null,
      "bytes": .integer(byteCount), "rows": .integer(rowCount),
      "checksum": .string(VersionEnd.blank),
    ]
    return json.text
  }

  /// Where the checksum stands in the bytes of a mark.
  ///
  /// - Returns: nil when it is not there as we would write it.
  static func place(of checksum: String, in mark: [UInt8]) -> Range<Int>? {
    let member = Array("\"checksum\":\"\(checksum)\"".utf8)
    guard checksum.utf8.count == blank.utf8.count, member.count <= mark.count else { return nil }
    let start = (0...mark.count - member.count).first { start in
      mark[start] == member[0] && mark[start..<start + member.count].elementsEqual(member)
    }
    return start.map { $0 + member.count - 1 - blank.utf8.count..<$0 + member.count - 1 }
  }

  /// - Returns: nil when it is no mark.
  static func parse(_ text: String) -> (end: VersionEnd, checksum: String)? {
    guard let json = try? JSON(parsing: text), let version = json["version"]?.int64,
      let after = json["after"], after.isNull || after.int64 != nil,
      let byteCount = json["bytes"]?.int64, let rowCount = json["rows"]?.int64,
      let checksum = json["checksum"]?.string
    else { return nil }
    let end = VersionEnd(
      version: version, after: after.int64, byteCount: byteCount, rowCount: rowCount)
    return (end, checksum)
  }
}
