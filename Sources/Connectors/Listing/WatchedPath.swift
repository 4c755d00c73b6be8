internal import Diagnostics
internal import Glibc
internal import SystemPackage

/// What is waited for in a directory.
struct WatchRule: Equatable {
  let directory: FilePath
  /// A level of directories each; empty: the directory's own files.
  let rest: ArraySlice<WatchedPath.Level>

  func wants(_ name: String) -> Bool {
    guard let wanted = rest.first else { return !name.hasPrefix(".") && !name.hasPrefix("_") }
    if !wanted.isPattern { return name == wanted.text }
    return unsafe fnmatch(wanted.text, name, FNM_PERIOD) == 0
  }
}

/// A path or a pattern without alternatives.
struct WatchedPath {
  struct Level: Equatable {
    let text: String
    let isPattern: Bool
  }

  /// `/`, or nothing.
  let base: FilePath
  let levels: [Level]

  /// - Parameter text: as the user wrote it.
  /// - Throws: a usage error for a pattern that is not understood.
  static func list(_ text: String) throws(StreamError) -> [WatchedPath] {
    let path = FilePath(text)
    if (try? Stat(path)) == nil, let pattern = PathPattern(text) {
      try pattern.refuseRecursion()
      return PathPattern.alternatives(of: withHome(text)).map {
        WatchedPath($0, isLiteral: false)
      }
    }
    return [WatchedPath(text, isLiteral: true)]
  }

  private init(_ text: String, isLiteral: Bool) {
    base = text.hasPrefix("/") ? "/" : ""
    levels = text.split(separator: "/").filter { $0 != "." }.map { level in
      let hasWildcard = level.utf8.contains { "*?[".utf8.contains($0) }
      return Level(text: String(level), isPattern: !isLiteral && hasWildcard)
    }
  }

  private static func withHome(_ text: String) -> String {
    guard text.hasPrefix("~/"), let home = unsafe getenv("HOME") else { return text }
    return unsafe String(cString: home) + text.dropFirst()
  }
}

extension PathPattern {
  /// The patterns that a pattern with `{…,…}` stands for.
  static func alternatives(of text: String) -> [String] {
    let characters = Array(text)
    guard let open = characters.firstIndex(of: "{") else { return [text] }
    var (depth, parts, part) = (0, [String](), "")
    for index in open..<characters.count {
      let character = characters[index]
      if character == "{" { depth += 1 }
      if character == "}" { depth -= 1 }
      if depth == 0 {
        let head = String(characters[..<open])
        let tails = alternatives(of: String(characters[(index + 1)...]))
        return (parts + [part]).flatMap { alternatives(of: $0) }.flatMap { middle in
          tails.map { head + middle + $0 }
        }
      }
      if character == ",", depth == 1 {
        parts.append(part)
        part = ""
      } else if depth > 1 || character != "{" {
        part.append(character)
      }
    }
    return [text]
  }
}
