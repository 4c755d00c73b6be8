internal import Checkpoint
internal import Diagnostics
internal import JSONText

/// What a commit does to a directory of parts. It can be repeated.
struct PartChanges {
  /// Parts that appear.
  var added: [OpenParts.Whole] = []
  /// Parts that these take the place of.
  var removed: [String] = []
  /// No rows will follow in the partitions of the added parts, which get a ``marker``.
  var completesPartitions = false

  /// An empty file that says that a partition is whole, under the name that Hadoop's tools know.
  static let marker = "_SUCCESS"

  var isEmpty: Bool { added.isEmpty && removed.isEmpty }

  /// - Parameter holds: what a result that is replaced consists of from now on.
  func detail(holding holds: [String]) -> JSON {
    var json: JSON = .object([])
    if !added.isEmpty {
      json["parts"] = .array(
        added.map { ["aside": .string($0.aside), "name": .string($0.name)] })
    }
    if !removed.isEmpty { json["remove"] = PartChanges.list(removed) }
    if completesPartitions, !added.isEmpty { json["done"] = true }
    if !holds.isEmpty { json["holds"] = PartChanges.list(holds) }
    return json
  }

  private static func list(_ names: [String]) -> JSON { .array(names.map { .string($0) }) }

  init() {}

  /// - Throws: an I/O error when a name leads out of the directory.
  init(_ detail: JSON) throws(StreamError) {
    for part in detail["parts"]?.array ?? [] {
      added.append(
        OpenParts.Whole(
          aside: try PartChanges.name(part["aside"]), name: try PartChanges.name(part["name"])))
    }
    removed = try PartChanges.names(detail["remove"])
    completesPartitions = detail["done"]?.bool ?? false
  }

  /// What the result consists of, as the commit says.
  static func holds(_ detail: JSON) throws(StreamError) -> [String] {
    try names(detail["holds"])
  }

  private static func names(_ json: JSON?) throws(StreamError) -> [String] {
    try (json?.array ?? []).map { json throws(StreamError) in try name(json) }
  }

  private static func name(_ json: JSON?) throws(StreamError) -> String {
    guard let name = json?.string, !name.isEmpty, !name.hasPrefix("/"),
      !name.split(separator: "/").contains("..")
    else {
      throw StreamError.damagedCheckpoint("a commit names no part of the directory")
    }
    return name
  }

  /// Makes the parts appear and disappear, durably. What was done before is not done again.
  func apply(in root: String) throws(StreamError) {
    try withdrawMarkers(in: root)
    for part in added where Disk.exists("\(root)/\(part.aside)") {
      try Disk.rename("\(root)/\(part.aside)", to: "\(root)/\(part.name)", label: "part")
    }
    for name in removed { try Disk.remove("\(root)/\(name)", label: "part") }
    for directory in directories(of: added.map(\.name) + removed)
    where Disk.isDirectory(joined(root, directory)) {
      try Disk.synchronizeDirectory(joined(root, directory), label: "part")
    }
    try setMarkers(in: root)
  }

  /// Those that the partitions get.
  var markers: [String] {
    guard completesPartitions else { return [] }
    return directories(of: added.map(\.name)).map { joined($0, PartChanges.marker) }
  }

  private func directories(of names: [String]) -> [String] {
    Set(names.map { splitRelative($0).directory }).sorted()
  }

  /// A marker that is there already speaks of other rows: it must not be seen beside these.
  private func withdrawMarkers(in root: String) throws(StreamError) {
    var stale = removed.filter { splitRelative($0).name == PartChanges.marker }
    if completesPartitions {
      // Those whose parts have appeared before are this commit's own.
      let hidden = added.filter { Disk.exists("\(root)/\($0.aside)") }
      stale += directories(of: hidden.map(\.name)).map { joined($0, PartChanges.marker) }
    }
    stale = stale.filter { Disk.exists("\(root)/\($0)") }
    for name in stale { try Disk.remove("\(root)/\(name)", label: "done") }
    for directory in directories(of: stale) {
      try Disk.synchronizeDirectory(joined(root, directory), label: "done")
    }
  }

  /// The names of the parts are durable by now: not even a loss of power leaves a marker without
  /// them.
  private func setMarkers(in root: String) throws(StreamError) {
    for marker in markers {
      let directory = joined(root, splitRelative(marker).directory)
      guard Disk.isDirectory(directory) else { continue }
      _ = try DiskFile("\(root)/\(marker)", mode: 0o666, label: "done")
      try Disk.synchronizeDirectory(directory, label: "done")
    }
  }
}
