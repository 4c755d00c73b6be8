package import Diagnostics

/// How records are laid out in bytes. Closed on purpose: a new case does not compile until every
/// switch answers for it.
package enum Format: String, CaseIterable, Sendable {
  case text
  case csv
  case json
  case arrow
  case parquet

  /// Endings of file names, behind which `.gz` or `.zst` may stand.
  package var suffixes: [String] {
    switch self {
    case .text: ["txt", "log"]
    case .csv: ["csv", "tsv"]
    case .json: ["json", "ndjson", "jsonl"]
    case .arrow: ["arrow", "arrows"]
    case .parquet: ["parquet"]
    }
  }
}

extension Format {
  /// Its bytes are no lines that people read, and say themselves what they hold.
  package var isBinary: Bool { self == .arrow || self == .parquet }

  /// What `--format` names: a format, or an ending of file names.
  ///
  /// - Throws: a usage error that lists the formats.
  package init(named name: String) throws(StreamError) {
    let format =
      Format(rawValue: name) ?? Format.allCases.first { $0.suffixes.contains(name) }
    guard let format else {
      let names = Format.allCases.map(\.rawValue)
      let meant = nearest(to: name, among: names).map { " (did you mean '\($0)'?)" } ?? ""
      throw StreamError(
        .usage, "no format '\(name)'\(meant); formats: \(names.joined(separator: ", "))")
    }
    self = format
  }
}
