internal import Diagnostics
package import JSONText
internal import SystemPackage

/// Which files were read, and which one is half read.
package final class FileHistory: InputHistory {
  /// The file that was begun and not read to its end.
  package private(set) var current: FilePart?
  /// Whether anything was read.
  package private(set) var hasBegun: Bool

  private let seen: SeenFiles
  /// Where the names go whose intents are dropped; nil: it is only asked.
  private let finished: FinishedFiles?
  private var unwritten: [FilePath] = []

  /// - Parameters:
  ///   - base: of the trimmed epochs; nil for none.
  ///   - seen: gets to know the files that later epochs have finished; for bases it says which of
  ///     them have kept their names.
  ///   - finished: holds the names of the base; nil for a history that no base is made of.
  package init(_ base: JSON?, seen: SeenFiles, finished: FinishedFiles? = nil) throws {
    self.seen = seen
    self.finished = finished
    hasBegun = base != nil
    if let part = base?["current"], !part.isNull { current = try FilePart(part) }
  }

  package func advance(past input: JSON) throws {
    for part in try FileIntent(input).parts {
      hasBegun = true
      if let current, current.file.path == part.file.path {
        guard part.from == current.to else { throw StreamError.noFilePart }
      } else if let current {
        // It had vanished, and nothing of it was missing.
        finish(current.file.path)
      }
      current = part.isEnd ? nil : part
      if part.isEnd { finish(part.file.path) }
    }
  }

  private func finish(_ path: FilePath) {
    if finished == nil { seen.insert(path) } else { unwritten.append(path) }
  }

  /// Names that were cleaned away have left the set, and are not written.
  package func makeBase() throws -> JSON {
    var base: JSON = ["current": current?.json ?? .null]
    if let finished {
      try finished.append(unwritten.filter(seen.contains))
      unwritten = []
      base["finished"] = finished.json
    }
    return base
  }
}
