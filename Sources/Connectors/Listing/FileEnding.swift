package import Diagnostics
package import Formats

/// What the end of a file's name says of its contents.
package struct FileEnding: Sendable, Equatable {
  /// nil where the ending says nothing.
  package let format: Format?
  /// `.tsv`: CSV with tabs.
  package let isTabSeparated: Bool

  /// - Parameter name: a path; `.gz` or `.zst` may stand behind the ending that counts.
  package init(of name: String) {
    var parts = name.split(separator: "/").last?.split(separator: ".").dropFirst() ?? []
    if let last = parts.last?.lowercased(), Self.compressed.contains(last) { parts.removeLast() }
    let ending = parts.last?.lowercased() ?? ""
    format = Format.allCases.first { $0.suffixes.contains(ending) }
    isTabSeparated = ending == "tsv"
  }

  private static let compressed = ["gz", "zst"]

  /// The format of files that are to be read as one input: what their endings say, else text.
  ///
  /// - Throws: a usage error when they say different things.
  package static func commonFormat(of files: [InputFile]) throws(StreamError) -> Format {
    guard let first = files.first else { return .text }
    let format = FileEnding(of: first.name).format ?? .text
    for file in files.dropFirst() {
      let other = FileEnding(of: file.name).format ?? .text
      guard other == format else {
        throw StreamError(
          .usage,
          "files of several formats: '\(first.name)' is \(format.rawValue), "
            + "'\(file.name)' is \(other.rawValue)",
          hint: "choose files by a pattern such as '*\(suffix(of: format))', "
            + "or say what all are: --format \(format.rawValue)")
      }
    }
    return format
  }

  /// What paths and patterns say before there is a file; text if they say nothing.
  package static func format(ofPaths paths: [String]) -> Format {
    paths.lazy.compactMap { FileEnding(of: $0).format }.first ?? .text
  }

  private static func suffix(of format: Format) -> String {
    format.suffixes.first.map { ".\($0)" } ?? ""
  }
}
