package import Checkpoint
package import Diagnostics
package import JSONText

/// Looks at a write-ahead log without changing it; the source may run meanwhile.
package struct WALVerifier: Sendable {
  /// What has become of the rows of an epoch.
  package enum Finding: Sendable, Equatable {
    /// The epoch took nothing in, or its input was of another kind.
    case nothing
    case whole
    /// Their file is not there.
    case missing(path: String)
    case damaged(path: String)
  }

  private let path: String

  package init(_ stage: StageDirectory) { path = stage.walPath }

  /// - Parameter input: what the epoch's intent says.
  /// - Throws: an I/O error when the file cannot be read, or the intent names no place in the log.
  package func look(at input: JSON) throws(StreamError) -> Finding {
    guard input["segment"] != nil, let range = try WALRange.read(input) else { return .nothing }
    let file = "\(path)/\(range.segment)"
    guard Disk.exists(file) else { return .missing(path: file) }
    guard let segment = try SegmentReader(file), try segment.sum(of: range.bytes) == range.sum
    else { return .damaged(path: file) }
    return .whole
  }
}
