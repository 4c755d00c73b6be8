/// How records are laid out in bytes. Closed on purpose: a new case does not compile until every
/// switch answers for it.
package enum Format: String, CaseIterable, Sendable {
  case text
  case csv
  case json
  case arrow

  /// Endings of file names, behind which `.gz` or `.zst` may stand.
  package var suffixes: [String] {
    switch self {
    case .text: ["txt", "log"]
    case .csv: ["csv", "tsv"]
    case .json: ["json", "ndjson", "jsonl"]
    case .arrow: ["arrow", "arrows"]
    }
  }
}
