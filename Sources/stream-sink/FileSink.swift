import ArgumentParser
import Columnar
import Connectors
import Diagnostics
import Formats
import Glibc
import Toolkit
import Wire

struct FileSink: SinkKind {
  static let configuration = CommandConfiguration.tool(
    SinkTool.toolName, kind: "file", abstract: "Keep records in a file or a directory.",
    discussion: """
      FILE holds all records. When the input is bounded the file appears once it is whole; in complete \
      mode it is replaced whole at each epoch; else rows are appended as they come, and what a failure \
      cut off is taken back to the last epoch. Unless --format says it, the file's ending tells the \
      format (.csv .tsv .json .ndjson .jsonl .txt .log .arrow .arrows .parquet).

      DIR (a directory, a path that ends in '/', or one that goes with --partition-by) gets a file \
      for each epoch with rows, which appears when the epoch is complete. It needs --format.

      With a checkpoint every row is written exactly once. A DIR shows nothing that is not committed. \
      A FILE that grows may show rows that are not, and is cut back to the last commit by the next \
      run. --overwrite and --append say what the first run does with files that are there; later \
      runs go on. An Arrow FILE is whole once the input is (--final); the files of a DIR always are.

      A Parquet FILE appears once the input has ended; with a checkpoint that takes --final, and all \
      rows in one epoch. What goes on belongs into a DIR.
      """,
    examples: [
      ("a file", "stream-source file a.json | stream-sink file a.csv"),
      (
        "a directory", "stream-source file data/ --format json | stream-sink file out/ --format csv"
      ),
      (
        "a directory for each country, which goes on after a crash",
        "stream-source file data/ --format json --checkpoint ck "
          + "| stream-sink file out/ --format csv --partition-by country"
      ),
    ])

  @Argument(help: ArgumentHelp("The file, or the directory.", valueName: "path"))
  var path: ArgumentText

  @Flag(help: "Replace the file, or the parts in the directory.")
  var overwrite = false

  @Flag(help: "Add to the file, or to the directory.")
  var append = false

  @Option(
    help: ArgumentHelp(
      "DIR: put rows into directories by the values of columns, as in country=de/; the files do "
        + "not have these columns.",
      valueName: "columns"))
  var partitionBy: String?

  @Option(
    help: ArgumentHelp(
      "DIR: close a file that is as long, such as 64M, and go on in another one.",
      valueName: "size"))
  var roll: ArgumentText?

  @Flag(
    help: """
      DIR: put an empty file _SUCCESS into each partition whose window is closed, once all of its rows \
      are there.
      """)
  var doneFile = false

  @OptionGroup var records: RecordOptions
  @OptionGroup var sink: SinkOptions

  func choice() throws -> TargetChoice {
    if overwrite, append {
      throw StreamError(.usage, "--overwrite and --append exclude each other")
    }
    guard !path.text.isEmpty else { throw StreamError(.usage, "the path is empty") }
    let isDirectory = path.text.hasSuffix("/") || isDirectory(path.text) || partitionBy != nil
    return isDirectory ? try directoryChoice(path.text) : try fileChoice(path.text)
  }

  private var existing: ExistingFiles { overwrite ? .overwrite : append ? .append : .refuse }

  private func options(_ plan: RecordPlan) -> PlanOptions {
    records.adding(to: PlanOptions(["file", path.text]), plan)
      .adding("partition-by", partitionBy).adding("roll", roll?.text)
      .adding("done-file", doneFile).adding("overwrite", overwrite).adding("append", append)
  }

  private func directoryChoice(_ path: String) throws -> TargetChoice {
    let plan = try records.checked(fallback: nil)
    let layout = DirectoryLayout(
      suffix: plan.partSuffix, partitionColumns: try partitionColumns(),
      byteCountMax: try roll.map { try parseRoll($0.text) }, marksPartitions: doneFile)
    let doneFiles = doneFile ? try DoneFiles(partitionColumns: layout.partitionColumns) : nil
    let columns = layout.partitionColumns.joined(separator: ", ")
    let guards =
      records.guards(plan) + [(name: "--partition-by", text: columns.isEmpty ? nil : columns)]
    return TargetChoice(
      identity: "file \(absolutePath(path))", options: options(plan),
      guards: { header, _ in guards + [("the output mode", "\(header.resultMode)")] }
    ) { header, schema in
      try doneFiles?.check(header)
      try plan.check(schema)
      return DirectoryTarget(path: path, existing: existing, layout: layout) {
        try plan.makeWriter(isFile: true)
      }
    }
  }

  private func partitionColumns() throws -> [String] {
    guard let partitionBy else { return [] }
    let names = partitionBy.split(separator: ",", omittingEmptySubsequences: false).map {
      String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
    guard names.allSatisfy({ !$0.isEmpty }) else {
      throw StreamError(.usage, "--partition-by: expected columns but found '\(partitionBy)'")
    }
    return names
  }

  private func parseRoll(_ text: String) throws -> Int64 {
    let size = try parseByteCount(text, option: "--roll")
    guard size > 0 else { throw StreamError(.usage, "--roll: the size is 0") }
    return size
  }

  private func fileChoice(_ path: String) throws -> TargetChoice {
    if roll != nil {
      throw StreamError(
        .usage,
        "--roll goes with a directory (a path that ends in '/'), but '\(path)' names a file")
    }
    if doneFile {
      throw StreamError(
        .usage, "--done-file marks the partitions of a directory, but '\(path)' names a file",
        hint: "\(path)/ --partition-by window_start")
    }
    let ending = Ending(path)
    if let ending { try ending.refuseCompressed(path) }
    let plan = try records.checked(
      fallback: ending?.format, isTabSeparated: ending?.isTabSeparated ?? false)
    if append, plan.format.isBinary {
      let kind = plan.format == .arrow ? "an Arrow stream" : "a Parquet file"
      throw StreamError(
        .usage, "\(kind) cannot be appended to", hint: "--overwrite, or a directory")
    }
    return TargetChoice(
      identity: "file \(absolutePath(path))", options: options(plan),
      guards: { header, schema in
        let columns = plan.columns(header, schema).map { (name: "the list of columns", text: $0) }
        return records.guards(plan) + [("the output mode", "\(header.resultMode)")]
          + (columns.map { [$0] } ?? [])
      }
    ) { _, schema in
      try plan.check(schema)
      return FileTarget(
        path: path, existing: existing, wholeFormat: plan.format == .parquet ? .parquet : nil
      ) { continues in
        try plan.makeWriter(continuesFile: continues, isFile: true)
      }
    }
  }

  private func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}

extension RecordPlan {
  /// What the names of parts end in: that of a stream for Arrow, since no footer is written.
  fileprivate var partSuffix: String { format == .arrow ? "arrows" : format.suffixes[0] }

  /// What all records of a file that grows have in common; nil where it does not matter.
  fileprivate func columns(_ header: Header, _ schema: Schema) -> String? {
    if header.resultMode == .complete { return nil }
    switch format {
    case .json, .text: return nil
    case .csv: return schema.names.joined(separator: ", ")
    case .arrow, .parquet: return schema.description
    }
  }
}

/// What the end of a file's name says.
struct Ending {
  private let text: String

  init?(_ path: String) {
    let name = path.split(separator: "/").last ?? ""
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return nil }
    text = name[name.index(after: dot)...].lowercased()
  }

  var format: Format? { Format.allCases.first { $0.suffixes.contains(text) } }

  var isTabSeparated: Bool { text == "tsv" }

  func refuseCompressed(_ path: String) throws {
    let program = ["gz": "gzip", "zst": "zstd", "bz2": "bzip2", "xz": "xz"][text]
    guard let program else { return }
    throw StreamError(
      .usage, "'\(path)': files are written as they are, not compressed",
      hint: "stream-sink stdout --format csv | \(program) > \(path)")
  }
}
