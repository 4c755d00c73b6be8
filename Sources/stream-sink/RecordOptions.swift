import ArgumentParser
import Columnar
import Connectors
import Diagnostics
import Formats
import Parquet
import Toolkit

/// How records are written.
struct RecordOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Write text, csv, json, arrow or parquet.", valueName: "format"))
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

  @Option(
    help: ArgumentHelp(
      "Parquet: how the pages are compressed: zstd (the default), zstd:LEVEL, snappy, gzip or none.",
      valueName: "name"))
  var codec: String?

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
    var layout = ParquetLayout()
    if let codec { layout.compression = try parseCodec(codec) }
    return RecordPlan(format: format, options: options, layout: layout)
  }

  private func parse(_ name: String) throws -> Format {
    if let format = Format(rawValue: name) { return format }
    let names = Format.allCases.map(\.rawValue)
    let meant = nearest(to: name, among: names).map { " (did you mean '\($0)'?)" } ?? ""
    throw StreamError(
      .usage, "no format '\(name)'\(meant); formats: \(names.joined(separator: ", "))")
  }

  private func refuseForeignOptions(of format: Format) throws {
    if codec != nil, format != .parquet {
      throw StreamError(.usage, "--codec goes with Parquet, but the format is \(format.rawValue)")
    }
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
      .adding("no-header", noHeader).adding("null", nullText?.text).adding("codec", codec)
  }

  /// What must stay as it is, so that records of one file, or of one directory, are alike.
  func guards(_ plan: RecordPlan) -> [(name: String, text: String?)] {
    [
      ("--format", plan.format.rawValue), ("--delimiter", delimiter),
      ("--no-header", noHeader ? "given" : nil), ("--null", nullText?.text),
    ]
  }
}

private func parseCodec(_ text: String) throws -> PageCompression {
  let parts = text.split(separator: ":", omittingEmptySubsequences: false)
  switch (parts[0], parts.count) {
  case ("zstd", 1): return .zstd(level: 1)
  case ("zstd", 2):
    if let level = Int(parts[1]), (1...22).contains(level) { return .zstd(level: level) }
  case ("snappy", 1): return .snappy
  case ("gzip", 1): return .gzip
  case ("none", 1): return .none
  default: break
  }
  throw StreamError(
    .usage, "--codec: expected zstd, zstd:LEVEL (1 to 22), snappy, gzip or none but found '\(text)'"
  )
}

/// A checked choice of format.
struct RecordPlan {
  let format: Format
  let options: WriteOptions
  /// Of Parquet files.
  let layout: ParquetLayout

  /// - Throws: a usage error when the format cannot hold a column.
  func check(_ schema: Schema) throws {
    if format == .parquet { try ParquetRecords.check(schema) }
  }

  /// - Parameters:
  ///   - continuesFile: records stand before these, so no header comes again.
  ///   - isFile: the records stay on a disk.
  func makeWriter(continuesFile: Bool = false, isFile: Bool = false) throws -> any RecordWriter {
    if format == .arrow {
      return ArrowRecords(isCompressed: isFile, continuesStream: continuesFile)
    }
    if format == .parquet { return ParquetRecords(layout, isWhole: continuesFile) }
    var options = options
    if continuesFile { options.hasHeader = false }
    return try Formats.makeWriter(format, options)
  }
}
