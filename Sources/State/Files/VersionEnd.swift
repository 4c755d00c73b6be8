internal import Checkpoint
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

  private var json: JSON {
    [
      "version": .integer(version), "after": after.map { .integer($0) } ?? .null,
      "bytes": .integer(byteCount), "rows": .integer(rowCount),
    ]
  }

  /// What the metadata hold.
  ///
  /// - Parameter checksum: has taken in all bytes since the mark before, or since the beginning of
  ///   the file; the mark's own members are added here.
  func sealed(_ checksum: Checksum) -> String {
    var json = json
    json["checksum"] = .string(seal(checksum))
    return json.text
  }

  func matches(_ sum: String, _ checksum: Checksum) -> Bool { seal(checksum) == sum }

  private func seal(_ checksum: Checksum) -> String {
    checksum.add(unsafe Array(json.text.utf8).span.bytes)
    return checksum.text
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
