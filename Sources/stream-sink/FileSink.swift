import ArgumentParser
import Connectors
import Diagnostics
import Formats
import Glibc
import Toolkit

struct FileSink: SinkKind {
  static let configuration = CommandConfiguration.tool(
    SinkTool.toolName, kind: "file", abstract: "Keep records in a file or a directory.",
    discussion: """
      FILE holds all records. When the input is bounded the file appears once it is whole; in complete \
      mode it is replaced whole at each epoch; else rows are appended as they come, and what a failure \
      cut off is taken back to the last epoch. Unless --format says it, the file's ending tells the \
      format (.csv .tsv .json .ndjson .jsonl .txt .log .arrow .arrows).

      DIR (a directory, or a path that ends in '/') gets a file for each epoch with rows, which \
      appears when the epoch is complete. It needs --format.
      """,
    examples: [
      ("a file", "stream-source file a.json | stream-sink file a.csv"),
      (
        "a directory", "stream-source file data/ --format json | stream-sink file out/ --format csv"
      ),
    ])

  @Argument(help: ArgumentHelp("The file, or the directory.", valueName: "path"))
  var path: ArgumentText

  @Flag(help: "Replace the file, or the parts in the directory.")
  var overwrite = false

  @Flag(help: "Add to the file, or to the directory.")
  var append = false

  @OptionGroup var records: RecordOptions
  @OptionGroup var sink: SinkOptions

  func run() throws {
    let path = path.text
    if overwrite, append {
      throw StreamError(.usage, "--overwrite and --append exclude each other")
    }
    guard !path.isEmpty else { throw StreamError(.usage, "the path is empty") }
    let existing: ExistingFiles = overwrite ? .overwrite : append ? .append : .refuse
    let isDirectory = path.hasSuffix("/") || isDirectory(path)
    let ending = isDirectory ? nil : Ending(path)
    if let ending { try ending.refuseCompressed(path) }
    let plan = try records.checked(
      fallback: ending?.format, isTabSeparated: ending?.isTabSeparated ?? false)
    if append, !isDirectory, plan.format == .arrow {
      throw StreamError(
        .usage, "an Arrow stream cannot be appended to", hint: "--overwrite, or a directory")
    }
    let options = records.adding(to: PlanOptions(["file", path]), plan)
      .adding("overwrite", overwrite).adding("append", append)
    try runSink(options: options.json, explains: sink.explain) { _, _ in
      if isDirectory {
        TargetSink(
          DirectoryTarget(path: path, existing: existing, suffix: plan.partSuffix) {
            try plan.makeWriter(isFile: true)
          })
      } else {
        TargetSink(
          FileTarget(path: path, existing: existing) { continues in
            try plan.makeWriter(continuesFile: continues, isFile: true)
          })
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
