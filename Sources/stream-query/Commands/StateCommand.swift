import ArgumentParser
import Checkpoint
import Columnar
import Connectors
import Diagnostics
import Formats
import Glibc
import JSONText
import State
import Toolkit

struct StateCommand: ParsableCommand {
  static let configuration = CommandConfiguration.tool(
    QueryTool.toolName, kind: "state", abstract: "Print what a stage keeps, as rows.",
    discussion: """
      The rows as they were at a commit: by default the last one. The query may run meanwhile. \
      Without a STAGE there may be only one that keeps rows.
      """,
    examples: [
      ("all groups of an aggregation", "stream-query state ck main.agg"),
      ("as they were at an epoch", "stream-query state ck main.agg --epoch 41 --format csv"),
    ])

  @Argument(help: ArgumentHelp("The checkpoint.", valueName: "directory"))
  var checkpoint: String

  @Argument(help: ArgumentHelp("The stage's id, such as main.agg.", valueName: "stage"))
  var stage: String?

  @Option(help: ArgumentHelp("As committed with that epoch.", valueName: "number"))
  var epoch: ArgumentText?

  @Option(help: ArgumentHelp("Print table (the default), csv or json.", valueName: "format"))
  var format: String?

  @OptionGroup var options: QueryOptions

  private enum Layout: String { case table, csv, json }

  func run() throws {
    let name = format ?? (options.json ? "json" : "table")
    guard let layout = Layout(rawValue: name) else {
      throw StreamError(.usage, "--format: expected table, csv or json but found '\(name)'")
    }
    let number = try epoch.map { try parseCount($0.text, option: "--epoch", atLeast: 1) }
    let files = try QueryFiles(checkpoint)
    let stage = try chosenStage(files)
    let reader = StateReader(stage)
    let rows = try reader.rows(at: version(of: stage, reader, number, files))
    do {
      try write(rows, layout)
    } catch is OutputClosed {
      throw SilentExit(status: 0)
    }
  }

  private func chosenStage(_ files: QueryFiles) throws -> StageDirectory {
    let stages = try files.stages().filter { Disk.isDirectory($0.statePath) }
    let names = stages.map(\.id)
    guard !stages.isEmpty else {
      throw StreamError(.usage, "no stage of '\(checkpoint)' keeps rows")
    }
    guard let stage else {
      if stages.count == 1 { return stages[0] }
      throw StreamError(
        .usage, "several stages keep rows: \(names.joined(separator: ", "))",
        hint: "stream-query state \(shellQuoted(checkpoint)) \(names[0])")
    }
    if let found = stages.first(where: { $0.id == stage }) { return found }
    let meant = nearest(to: stage, among: names).map { " (did you mean '\($0)'?)" } ?? ""
    throw StreamError(
      .usage,
      "no stage '\(stage)' keeps rows\(meant); those that do: \(names.joined(separator: ", "))")
  }

  private func version(
    of stage: StageDirectory, _ reader: StateReader, _ epoch: Int64?, _ files: QueryFiles
  ) throws -> Int64 {
    let kept = Set(try reader.versions())
    let records = try files.commits()
    guard let epoch else {
      guard let last = records.last(where: { !$0.isSoft }) else {
        throw StreamError(.usage, "'\(checkpoint)' has no commit yet")
      }
      return last.version(ofStage: stage.id) ?? 0
    }
    let record = records.first { $0.epoch == epoch }
    if let version = record?.version(ofStage: stage.id), kept.contains(version) { return version }
    let possible = records.filter { kept.contains($0.version(ofStage: stage.id) ?? 0) }
    let range =
      possible.first.map { "from epoch \($0.epoch) to \(possible.last?.epoch ?? $0.epoch)" }
      ?? "of no epoch"
    throw StreamError(.usage, "--epoch: \(stage.id) has the rows \(range), but not of \(epoch)")
  }

  private func write(_ rows: StateRows, _ layout: Layout) throws {
    var target: any Target =
      switch layout {
      case .table: ConsoleTarget()
      case .csv: StreamTarget(try makeWriter(.csv, WriteOptions()))
      case .json: StreamTarget(try makeWriter(.json, WriteOptions()))
      }
    try target.begin(
      ResultForm(
        schema: rows.layout.schema, mode: .append, keys: [], isBounded: true, queryTag: "",
        branch: "main"))
    for batch in rows.batches { try target.write(batch, isDeletion: false) }
    try target.commit(TargetEpoch(number: 1, replacesResult: false, isFinal: true))
    try target.end()
  }
}
