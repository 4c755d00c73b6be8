package import Columnar
internal import Diagnostics
package import Formats
internal import SystemPackage

/// A table in a file, or in several that a pattern names.
package final class FileTable: TableSource {
  package let name: String
  private let plan: InputPlan
  private let notices: Notices
  private var files: [InputFile]
  private var hasBeenOpened = false

  /// - Parameters:
  ///   - plan: a malformed record is an error, whatever it says.
  /// - Throws: a usage error for a path that names nothing.
  package init(_ path: String, _ plan: InputPlan, notices: Notices) throws {
    name = path
    self.notices = Notices { notices.warn($0, $1.flatMap(tableAdvice)) }
    files = try FileListing([path]).files
    var plan = plan
    plan.malformed = .fail
    self.plan = plan
  }

  /// What the ending of a path says; nil when it says nothing.
  package static func format(ofPath path: String) -> Format? { FileEnding(of: path).format }

  package var canBeReadAgain: Bool { files.allSatisfy { $0.byteCount != nil } }

  package func open(known: Schema?, columns: [String]?) throws -> any TableReading {
    try advisingOnTables { try reading(known: known, columns: columns) }
  }

  private func reading(known: Schema?, columns: [String]?) throws -> FileReading {
    // First how it looks, then what it holds: what changes in between is seen the next time.
    if hasBeenOpened { files = try FileListing([name]).files }
    hasBeenOpened = true
    var plan = plan
    plan.keptSchema = known
    if let columns {
      plan.options.columns = columns.map { ColumnSelection(FieldPath($0), as: $0) }
    }
    return try FileReading(files, plan, notices)
  }

  package func hasChanged() throws -> Bool { try FileListing([name]).files != files }
}

/// The records of files, as the rows of a table.
private final class FileReading: TableReading {
  private let input: any RecordSource

  init(_ files: [InputFile], _ plan: InputPlan, _ notices: Notices) throws {
    let opener = InputOpener(files: files, stop: .none)
    input = try openRecords(opener, plan, .none, notices)
  }

  var schema: Schema { input.schema }

  func next() throws -> Batch? {
    while true {
      switch try advisingOnTables({ try input.next(until: .never) }) {
      case .rows(let batch, _, _): return batch
      case .passedOver, .fileEnd, .nothingYet: continue
      case .end: return nil
      }
    }
  }
}

private func advisingOnTables<Result>(_ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch var error as StreamError {
    error.hint = error.hint.flatMap(tableAdvice)
    throw error
  }
}

/// What the readers of records advise is about a source: the options of a table have other names.
///
/// - Returns: nil for what nothing can be done about where it is a table.
private func tableAdvice(_ hint: String) -> String? {
  let source = " | stream-source "
  if let range = hint.firstRange(of: source) {
    return "make lines of it first: \(hint[..<range.lowerBound])"
  }
  let advice = hint.replacing("--schema", with: "--table-schema")
    .replacing("--format", with: "--table-format")
  let others = ["--on-malformed", "--columns", "--encoding"]
  return others.contains { advice.contains($0) } ? nil : advice
}
