import ArgumentParser
import Columnar
import Connectors
import Diagnostics
import Expressions
import Formats
import Glibc
import Toolkit

/// Which formats a source reads.
protocol FormatOption: ParsableArguments {
  var format: String? { get }
}

struct AnyFormat: FormatOption {
  @Option(
    help: ArgumentHelp(
      "Read text, csv, json, arrow or parquet. Default: what the ending of a file says, else text.",
      valueName: "format"))
  var format: String?
}

/// Of a source that reads lines.
struct LineFormat: FormatOption {
  @Option(
    help: ArgumentHelp(
      "Read text, csv or json. Default: what the ending of a file says, else text.",
      valueName: "format"))
  var format: String?
}

/// How records are read.
struct RecordOptions<Choice: FormatOption>: ParsableArguments {
  @OptionGroup(title: "Records") var choice: Choice

  @Option(
    help: ArgumentHelp(
      "What records hold, such as 'ts timestamp, device string, signal double'. Default: guessed "
        + "from the first ones.",
      valueName: "columns"))
  var schema: String?

  @Option(
    help: ArgumentHelp(
      "Take only these, such as 'user.id AS uid, kind'; the rest is not parsed.",
      valueName: "list"))
  var columns: String?

  @Option(
    name: .customLong("where"),
    help: ArgumentHelp(
      "Send the rows for which this is true. Of Parquet files, row groups whose statistics tell that "
        + "there are none are not read.",
      valueName: "condition"))
  var condition: [ArgumentText] = []

  @Flag(
    help: "Add _file (null for standard input) and _offset (where the record begins, in bytes).")
  var metadata = false

  @Option(
    help: ArgumentHelp(
      "What becomes of records that are not what they should be: keep (report them), drop (count "
        + "them) or fail.",
      valueName: "policy"))
  var onMalformed: String?

  @Option(
    help: ArgumentHelp(
      "Put malformed records there, as JSON lines. With a checkpoint the file grows from run to "
        + "run, and may tell a record again that a crash came behind.",
      valueName: "file"))
  var rejects: String?

  @Option(
    help: ArgumentHelp(
      "Keep malformed records in the stream, their text in this column.", valueName: "name"))
  var corruptColumn: String?

  @Option(
    help: ArgumentHelp(
      "CSV: what stands between two fields, such as ';' or '\\t'.", valueName: "character"))
  var delimiter: String?

  @Flag(
    inversion: .prefixedNo,
    help: "CSV: whether each file begins with the names of its columns.")
  var header: Bool?

  @Option(
    name: .customLong("null"),
    help: ArgumentHelp(
      "CSV: what stands for null, without quotes, besides nothing.", valueName: "text"))
  var nullText: ArgumentText?

  @Option(
    help: ArgumentHelp(
      "How characters are encoded: utf-8, latin1, windows-1252, utf-16, utf-16le or utf-16be.",
      valueName: "name"))
  var encoding: String?

  @Option(
    help: ArgumentHelp(
      "CSV, JSON: how timestamps are written, such as 'dd/MM/yyyy HH:mm:ss'.",
      valueName: "pattern"))
  var timestampFormat: String?

  @Option(
    help: ArgumentHelp(
      "CSV, JSON: the zone of timestamps without one: Europe/Zurich, +01:00 (default: UTC).",
      valueName: "zone"))
  var timezone: ArgumentText?

  @Option(
    help: ArgumentHelp(
      "How long rows may wait for others while more are coming (default: 100ms).",
      valueName: "duration"))
  var linger: ArgumentText?

  @Option(
    help: ArgumentHelp(
      "Parse on at most so many threads (default: STREAM_THREADS, else all processors).",
      valueName: "count"))
  var threads: ArgumentText?

  var format: String? { choice.format }

  /// - Parameter inferred: the format where none is named.
  func checked(inferred: () throws -> Format) throws -> InputPlan {
    let format = try format.map { try Format(named: $0) } ?? inferred()
    try refuseForeignOptions(of: format)
    var plan = InputPlan(format: format, options: try readOptions())
    if let encoding { plan.encoding = try TextEncoding.parse(encoding) }
    plan.hasDelimiter = delimiter != nil
    plan.wantsMetadata = metadata
    plan.filter = try Expression.parse(allOf: condition.map(\.text)).map {
      RowSelection(condition: $0)
    }
    plan.malformed = try policy()
    plan.rejectsPath = rejects
    plan.threadCount = try parseThreadCount(threads?.text) ?? processorCount
    if let linger {
      plan.limits.linger = try parseDuration(linger.text, option: "--linger")
      guard plan.limits.linger >= 0 else {
        throw StreamError(.usage, "--linger: '\(linger.text)' is negative")
      }
    }
    return plan
  }

  private func readOptions() throws -> ReadOptions {
    var options = ReadOptions()
    if let schema { options.schema = try Schema(parsing: schema) }
    if let columns { options.columns = try ColumnSelection.parse(columns) }
    if let delimiter { options.delimiter = try parseDelimiter(delimiter) }
    options.hasHeader = header ?? true
    options.nullText = nullText?.text
    options.timestampFormat = timestampFormat
    options.corruptColumn = corruptColumn
    if let timezone { options.zone = try parseTimezone(timezone.text) }
    return options
  }

  private func policy() throws -> MalformedPolicy {
    guard let onMalformed else { return .keep }
    guard let policy = MalformedPolicy(rawValue: onMalformed) else {
      throw StreamError(
        .usage, "--on-malformed: expected 'keep', 'drop' or 'fail' but found '\(onMalformed)'")
    }
    guard policy == .keep || (rejects == nil && corruptColumn == nil) else {
      let other = rejects == nil ? "--corrupt-column" : "--rejects"
      throw StreamError(.usage, "--on-malformed \(onMalformed) and \(other) exclude each other")
    }
    return policy
  }

  private func refuseForeignOptions(of format: Format) throws {
    var given: [(option: String, formats: [Format])] = []
    if delimiter != nil { given.append(("--delimiter", [.csv])) }
    if let header { given.append((header ? "--header" : "--no-header", [.csv])) }
    if nullText != nil { given.append(("--null", [.csv])) }
    if timestampFormat != nil { given.append(("--timestamp-format", [.csv, .json])) }
    if timezone != nil { given.append(("--timezone", [.csv, .json])) }
    if encoding != nil { given.append(("--encoding", [.text, .csv, .json])) }
    if schema != nil { given.append(("--schema", [.text, .csv, .json])) }
    if corruptColumn != nil { given.append(("--corrupt-column", [.text, .csv, .json])) }
    if rejects != nil { given.append(("--rejects", [.text, .csv, .json])) }
    guard let first = given.first(where: { !$0.formats.contains(format) }) else { return }
    let names = first.formats.map(\.rawValue).joined(separator: ", ")
    throw StreamError(
      .usage, "\(first.option) goes with \(names), but the format is \(format.rawValue)",
      hint: self.format == nil && !format.isBinary ? "--format \(first.formats[0].rawValue)" : nil)
  }

  /// As the plan records them.
  ///
  /// - Parameter format: nil for the one that was named.
  func adding(to options: PlanOptions, format: Format? = nil) -> PlanOptions {
    options.adding("format", format?.rawValue ?? self.format).adding("schema", schema)
      .adding("columns", columns).adding("where", condition.map(\.text)).adding(
        "metadata", metadata
      )
      .adding("on-malformed", onMalformed).adding("rejects", rejects)
      .adding("corrupt-column", corruptColumn).adding("encoding", encoding).adding(
        "delimiter", delimiter
      )
      .adding("header", header == true).adding("no-header", header == false)
      .adding("null", nullText?.text).adding("timestamp-format", timestampFormat)
      .adding("timezone", timezone?.text).adding("linger", linger?.text)
  }
}
