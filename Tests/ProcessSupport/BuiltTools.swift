package import Foundation

/// The tools that were just built.
package enum BuiltTools {
  /// A directory with the links under which the executable is called.
  package static let directory: URL = {
    let links = FileManager.default.temporaryDirectory.appending(
      path: "stream-links-\(UUID().uuidString)")
    atexit { try? FileManager.default.removeItem(at: BuiltTools.directory) }
    try? FileManager.default.createDirectory(at: links, withIntermediateDirectories: true)
    let built = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
      .deletingLastPathComponent()
      .appending(path: "stream-tools")
    let names = [
      "tools", "source", "map", "window", "agg", "dedup", "state", "join", "union", "sql", "sink",
      "query",
    ]
    for tool in names {
      try? FileManager.default.createSymbolicLink(
        at: links.appending(path: "stream-\(tool)"), withDestinationURL: built)
    }
    return links
  }()
}
