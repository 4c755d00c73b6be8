internal import Checkpoint
internal import Diagnostics
internal import JSONText

/// What a commit does to a directory of parts. It can be repeated.
struct PartChanges {
  /// Parts that appear.
  var added: [OpenParts.Whole] = []
  /// Parts that these take the place of.
  var removed: [String] = []

  var isEmpty: Bool { added.isEmpty && removed.isEmpty }

  /// - Parameter holds: what a result that is replaced consists of from now on.
  func detail(holding holds: [String]) -> JSON {
    var json: JSON = .object([])
    if !added.isEmpty {
      json["parts"] = .array(
        added.map { ["aside": .string($0.aside), "name": .string($0.name)] })
    }
    if !removed.isEmpty { json["remove"] = PartChanges.list(removed) }
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
      throw StreamError(.io, "the checkpoint is damaged: a commit names no part of the directory")
    }
    return name
  }

  /// Makes the parts appear and disappear, durably. What was done before is not done again.
  func apply(in root: String) throws(StreamError) {
    for part in added where Disk.exists("\(root)/\(part.aside)") {
      try Disk.rename("\(root)/\(part.aside)", to: "\(root)/\(part.name)", label: "part")
    }
    for name in removed { try Disk.remove("\(root)/\(name)", label: "part") }
    for directory in Set((added.map(\.name) + removed).map { splitRelative($0).directory }).sorted()
    where Disk.isDirectory(joined(root, directory)) {
      try Disk.synchronizeDirectory(joined(root, directory), label: "part")
    }
  }
}
