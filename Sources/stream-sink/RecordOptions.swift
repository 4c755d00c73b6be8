import ArgumentParser
import Columnar
import Connectors
import Diagnostics
import Formats
import Toolkit

/// How records are written.
struct RecordOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Write text, csv, json or arrow.", valueName: "format"))
  var format: String?

  @Option(
    help: ArgumentHelp(
      "CSV: what stands between two fields, such as ';' or '\\t'.", valueName: "character"))
  var delimiter: String?

  @Flag(name: .customLong("no-header"), help: "CSV: leave out the names of the columns.")
  var noHeader = false

  @Option(
    name: .customLong("null"), help: ArgumentHelp("CSV: what stands for null.", valueName: "text"))
  var nullText: ArgumentText?

  /// - Parameter fallback: the format when none is named.
  func checked(fallback: Format?, isTabSeparated: Bool = false) throws -> RecordPlan {
    guard let format = try format.map(parse) ?? fallback else {
      throw StreamError(
        .usage, "no format named, and the file's ending does not tell it", hint: "--format csv")
    }
    try refuseForeignOptions(of: format)
    var options = WriteOptions()
    if isTabSeparated { options.delimiter = UInt8(ascii: "\t") }
    if let delimiter { options.delimiter = try parseDelimiter(delimiter) }
    options.hasHeader = !noHeader
    if let nullText { options.nullText = nullText.text }
    return RecordPlan(format: format, options: options)
  }

  private func parse(_ name: String) throws -> Format {
    if let format = Format(rawValue: name) { return format }
    let names = Format.allCases.map(\.rawValue)
    let meant = nearest(to: name, among: names).map { " (did you mean '\($0)'?)" } ?? ""
    throw StreamError(
      .usage, "no format '\(name)'\(meant); formats: \(names.joined(separator: ", "))")
  }

  private func refuseForeignOptions(of format: Format) throws {
    if format == .csv { return }
    let given = [
      delimiter.map { _ in "--delimiter" }, noHeader ? "--no-header" : nil,
      nullText.map { _ in "--null" },
    ].compactMap { $0 }
    guard let option = given.first else { return }
    throw StreamError(.usage, "\(option) goes with CSV, but the format is \(format.rawValue)")
  }

  /// As the plan records them.
  func adding(to options: PlanOptions, _ plan: RecordPlan) -> PlanOptions {
    options.adding("format", plan.format.rawValue).adding("delimiter", delimiter)
      .adding("no-header", noHeader).adding("null", nullText?.text)
  }

  /// What must stay as it is, so that records of one file, or of one directory, are alike.
  func guards(_ plan: RecordPlan) -> [(name: String, text: String?)] {
    [
      ("--format", plan.format.rawValue), ("--delimiter", delimiter),
      ("--no-header", noHeader ? "given" : nil), ("--null", nullText?.text),
    ]
  }
}

/// A checked choice of format.
struct RecordPlan {
  let format: Format
  let options: WriteOptions

  /// - Parameters:
  ///   - continuesFile: records stand before these, so no header comes again.
  ///   - isFile: the records stay on a disk.
  func makeWriter(continuesFile: Bool = false, isFile: Bool = false) throws -> any RecordWriter {
    if format == .arrow {
      return ArrowRecords(isCompressed: isFile, continuesStream: continuesFile)
    }
    var options = options
    if continuesFile { options.hasHeader = false }
    return try Formats.makeWriter(format, options)
  }
}
