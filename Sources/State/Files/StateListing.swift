internal import Checkpoint
internal import Diagnostics

/// The files of a state, by their names.
struct StateListing: Equatable {
  let directory: String
  /// The versions of which there is a snapshot, ascending.
  var snapshots: [Int64] = []
  /// The versions after which segments of changes begin, ascending; 0 is the empty state.
  var segments: [Int64] = []
  /// Paths of files that were not finished.
  var asides: [String] = []

  /// In names and in crash points.
  static let snapshotLabel = "snapshot.arrows"
  static let segmentLabel = "changes.arrows"

  init(_ directory: String) throws(StreamError) {
    self.directory = directory
    for name in try Disk.names(in: directory) {
      if name.hasPrefix("."), name.hasSuffix(".tmp") {
        asides.append("\(directory)/\(name)")
      } else if let version = StateListing.version(name, StateListing.snapshotLabel), version > 0 {
        snapshots.append(version)
      } else if let version = StateListing.version(name, StateListing.segmentLabel) {
        segments.append(version)
      }
    }
    snapshots.sort()
    segments.sort()
    asides.sort()
  }

  func snapshotPath(_ version: Int64) -> String { path(version, StateListing.snapshotLabel) }

  func segmentPath(_ base: Int64) -> String { path(base, StateListing.segmentLabel) }

  /// Where a snapshot is written before it takes its name.
  func asidePath(_ version: Int64) -> String {
    "\(directory)/.\(StateListing.name(version, StateListing.snapshotLabel)).tmp"
  }

  private func path(_ version: Int64, _ label: String) -> String {
    "\(directory)/\(StateListing.name(version, label))"
  }

  private static func name(_ version: Int64, _ label: String) -> String {
    let digits = String(version)
    return String(repeating: "0", count: max(0, 12 - digits.count)) + digits + "." + label
  }

  /// - Returns: nil when the name is not one that we would give.
  private static func version(_ name: String, _ label: String) -> Int64? {
    guard let version = name.split(separator: ".").first.flatMap({ Int64($0) }), version >= 0,
      StateListing.name(version, label) == name
    else { return nil }
    return version
  }
}
