internal import Diagnostics
internal import JSONText
package import Wire

extension Header {
  /// The header of several inputs together: of the first one, with the runs of all.
  ///
  /// - Parameters:
  ///   - inputs: with the names that people know them by; standard input is the first.
  /// - Throws: an error of kind unavailable when they are of different queries or of different
  ///   runs, a usage error when they cannot be told from each other.
  package static func merging(_ inputs: [(name: String, header: Header)]) throws -> Header {
    guard var merged = inputs.first?.header else { return Header() }
    for (name, header) in inputs.dropFirst() {
      try checkQuery(inputs[0], (name, header))
      merged.shape.isBounded = merged.shape.isBounded && header.shape.isBounded
      merged.shape.endsByItself = merged.shape.endsByItself && header.shape.endsByItself
    }
    try checkStages(inputs)
    for (_, header) in inputs.dropFirst() {
      merged.query.runs.merge(header.query.runs) { first, _ in first }
    }
    return merged
  }

  private static func checkQuery(
    _ first: (name: String, header: Header), _ other: (name: String, header: Header)
  ) throws {
    let (left, right) = (first.header.query, other.header.query)
    if (left.checkpoint == nil) != (right.checkpoint == nil) {
      let lacking = left.checkpoint == nil ? first.name : other.name
      throw StreamError(
        .usage, "\(lacking) has no checkpoint, but another input has one",
        hint: "give each source the same --checkpoint; does a stage drop the stream's metadata?")
    }
    guard left.id == right.id, left.checkpoint == right.checkpoint else {
      throw StreamError(
        .unavailable,
        "\(first.name) and \(other.name) belong to different queries "
          + "('\(left.checkpoint ?? "")' and '\(right.checkpoint ?? "")')",
        hint: "give each source the same --checkpoint")
    }
    let epochs = [first, other].map { $0.header.resume?["epoch"]?.safeInteger ?? 0 }
    guard epochs[0] == epochs[1] else {
      throw StreamError(
        .unavailable,
        "\(first.name) goes on behind epoch \(epochs[0]), but \(other.name) behind "
          + "\(epochs[1]); the next run begins them together")
    }
  }

  /// Stages of several inputs must have different ids. Without a checkpoint rows of the same run of
  /// a source may come in several ways.
  private static func checkStages(_ inputs: [(name: String, header: Header)]) throws {
    var runs: [String: String] = [:]
    var stages: Set<String> = []
    for (name, header) in inputs {
      let sources = header.query.runs
      for (source, run) in sources {
        guard let former = runs.updateValue(run, forKey: source) else { continue }
        if former == run, header.query.checkpoint == nil { continue }
        throw StreamError(
          .usage,
          former == run
            ? "rows of \(source) come in two ways, and with a checkpoint they can come in one only"
            : "\(name) begins with \(source), as another input does",
          hint: former == run
            ? "leave out --checkpoint, or read the input with two sources"
            : "give the branch of one of them a name: stream-source --name other …")
      }
      let own = Set(header.plan.allStages.map(\.stage))
      if header.query.checkpoint != nil, let double = stages.intersection(own).min() {
        throw StreamError(
          .usage, "the id \(double) is taken by stages of two inputs",
          hint: "give the branch of one of them a name: --name other")
      }
      stages.formUnion(own)
    }
  }
}

/// Where a stage stood when the commit was made that the run resumes after.
struct ResumePoint: Equatable {
  /// As the stage counts them.
  var epoch: Int64
  var time: Int64
  var watermark: Int64?
  var isFinal: Bool
}

extension Header {
  /// The stage that numbers the epochs as they are at the end of this plan.
  var numberingStage: String? { plan.numberingStage }

  /// Whether the last commit has an epoch of this stream in it. Of a query with several sources it may
  /// have those of others alone.
  var isCommitted: Bool {
    guard let sources = resume?["sources"]?.members else { return false }
    let own = Set(plan.allStages.map(\.stage))
    return sources.contains { own.contains($0.key) }
  }

  /// What the last commit says of the stream at the end of this plan: behind a stage with several
  /// inputs others count, and other watermarks hold, than before it.
  ///
  /// - Returns: nil when there is no commit, or none with this stream in it.
  var resumePoint: ResumePoint? {
    guard let resume, let stage = numberingStage else { return nil }
    for part in resume["stages"]?.members ?? [] {
      guard let point = part.value["memo"]?[MergedMemo.key]?["of"]?[stage] else { continue }
      return ResumePoint(point)
    }
    guard resume["by"]?.string == stage else { return nil }
    return ResumePoint(resume)
  }

  /// What the last commit says of the stages of this plan, as the stage at its end would have signed
  /// it; nil when there is no commit, or none with this stream in it.
  var resumeLedger: Ledger? {
    get throws {
      guard let resume, let point = resumePoint else { return nil }
      var ledger = try Ledger(resume)
      let known = Set(plan.allStages.map(\.stage))
      ledger.sources.removeAll { !known.contains($0.id) }
      ledger.stages.removeAll { !known.contains($0.id) }
      (ledger.epoch, ledger.by) = (point.epoch, numberingStage ?? ledger.by)
      (ledger.time, ledger.watermark) = (point.time, point.watermark)
      return ledger
    }
  }
}

extension ResumePoint {
  init?(_ json: JSON) {
    guard let epoch = json["epoch"]?.safeInteger, let time = json["time"]?.int64 else { return nil }
    self.init(
      epoch: epoch, time: time, watermark: json["watermark"]?.int64,
      isFinal: json["final"]?.bool ?? false)
  }

  var json: JSON {
    [
      "epoch": .integer(epoch), "time": .integer(time),
      "watermark": watermark.map { .integer($0) } ?? .null, "final": .bool(isFinal),
    ]
  }
}
