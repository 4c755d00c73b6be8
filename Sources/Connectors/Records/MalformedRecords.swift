internal import Columnar
package import Diagnostics
internal import Formats

/// Counts the malformed records of one or more inputs, reports them and keeps them where asked; says
/// what of the others is left out.
package final class MalformedRecords {
  private let policy: MalformedPolicy
  /// They stay in the flow (`--corrupt-column`).
  private let staysInFlow: Bool
  /// The schema is a guess, and all of it is wanted: fields that it lacks are reported, once.
  private var tellsNewFields: Bool
  private let notices: Notices
  private var file: RejectFile?
  private var epochs: EpochRejects?
  package private(set) var count: Int64 = 0
  private var name: String?

  /// Lines of the file before the block that comes next.
  private var lineCount: Int64 = 0
  private var first: String?

  /// - Parameter epochs: where the records are kept if the plan does not say otherwise; nil: they
  ///   are not.
  /// - Throws: a usage error when the file of `--rejects` cannot be written.
  package init(
    _ plan: InputPlan, notices: Notices, epochs: EpochRejects? = nil
  ) throws(StreamError) {
    policy = plan.malformed
    staysInFlow = plan.options.corruptColumn != nil
    tellsNewFields = plan.options.schema == nil && plan.options.columns == nil
    self.notices = notices
    if let path = plan.rejectsPath {
      file = try RejectFile(path, keepsContents: plan.keepsRejects)
    } else if policy == .keep, !staysInFlow {
      self.epochs = epochs
    }
  }

  func startFile(_ name: String?, lineCount: Int64) {
    self.name = name

    self.lineCount = lineCount
  }

  /// - Throws: a data error for the first one, if the policy is to fail; an I/O error when they
  ///   cannot be written.
  func take(
    _ parsed: ParsedBlock, of block: CutBlock, file number: Int
  ) throws(StreamError) {
    if !parsed.malformed.isEmpty {
      var lines = LineFinder(block.bytes)
      for record in parsed.malformed { try take(record, at: block.offset, in: number, &lines) }
    }
    lineCount &+= Int64(parsed.lineCount)
    if tellsNewFields, !parsed.newFields.isEmpty { tell(parsed.newFields) }
  }

  private func tell(_ newFields: [String]) {
    tellsNewFields = false
    let names = newFields.prefix(5).map { "'\($0)'" }.joined(separator: ", ")
    let more = newFields.count > 5 ? " and \(newFields.count - 5) more" : ""
    notices.warn(
      "\(name ?? standardInputName): fields that the first records had not are left out: "
        + "\(names)\(more)",
      "name those that are wanted: --schema 'id bigint, name string'")
  }

  private func take(
    _ record: MalformedRecord, at offset: Int64, in number: Int, _ lines: inout LineFinder
  ) throws(StreamError) {
    count += 1
    let line = lineCount &+ Int64(record.line) &+ 1
    let place = "\(name ?? standardInputName):\(line):\(record.column)"
    if policy == .fail {
      throw StreamError(
        .data, record.message, location: place,
        hint: "go on without such records: --on-malformed keep")
    }
    try file?.append(record.json(file: name, line: line))
    if let epochs {
      let start = offset &+ Int64(lines.offset(ofLine: record.line))
      epochs.add(record.json(file: name, line: line), file: number, offset: start)
    }
    guard first == nil else { return }
    first = "\(place): \(record.message)"
    if policy == .keep, !staysInFlow, file == nil, epochs == nil {
      notices.warn("\(place): \(record.message)", nil)
    }
  }

  /// Says at the end how many there were.
  package func finish() throws(StreamError) {
    try file?.flush()
    guard count > 0, let first, !staysInFlow else { return }
    let records = count == 1 ? "1 malformed record was" : "\(count) malformed records were"
    if let path = file?.path ?? epochs?.directory {
      notices.warn("\(records) put into '\(path)'; the first: \(first)", nil)
    } else if policy == .keep {
      notices.warn("\(records) left out", "keep them: --rejects FILE or --corrupt-column NAME")
    } else {
      notices.warn("\(records) dropped; the first: \(first)", nil)
    }
  }
}

// MARK: - Epochs

extension MalformedRecords {
  /// The records within a piece belong to the open epoch.
  package func take(_ piece: InputPiece) throws(StreamError) { try epochs?.take(piece) }

  /// All that have come so far belong to the open epoch: for inputs without pieces.
  package func takeAll() throws(StreamError) { try epochs?.takeAll() }

  /// Makes the open epoch's records durable, if they are kept with it. Call it before the intent is
  /// written.
  package func closeEpoch(_ number: Int64) throws(StreamError) {
    try file?.flush()
    try epochs?.close(number)
  }
}

/// Finds the lines of a block, one behind the other.
private struct LineFinder {
  private let bytes: Buffer<UInt8>
  private var line = 0
  private var start = 0

  init(_ bytes: Buffer<UInt8>) { self.bytes = bytes }

  /// Where a line begins; none before the last one asked for.
  mutating func offset(ofLine wanted: Int) -> Int {
    let bytes = bytes
    var (line, start) = (line, start)
    let span = bytes.span
    while line < wanted, start < bytes.count {
      if span[start] == 0x0A { line += 1 }
      start += 1
    }
    (self.line, self.start) = (line, start)
    return start
  }
}
