internal import Diagnostics
internal import JSONText
internal import Wire

/// What a stage with several inputs signs an epoch with.
struct MergedMemo {
  /// The member of the stage's memo that holds it.
  static let key = "inputs"

  /// As the stage itself counts.
  let last: ResumePoint
  /// As the inputs count.
  let inputs: [(id: String, point: ResumePoint)]
  /// None of the inputs has had a row with a time, and all are idle.
  let isSilent: Bool

  init(last: ResumePoint, inputs: [(id: String, point: ResumePoint)], isSilent: Bool) {
    self.last = last
    self.inputs = inputs
    self.isSilent = isSilent
  }

  /// - Parameter ids: of the stage's inputs now.
  init(of stage: String, with ids: [String], in ledger: Ledger) throws {
    guard let json = ledger[stage: stage].memo?[MergedMemo.key] else {
      let others = ledger.stages.compactMap { $0.memo?[MergedMemo.key]?["of"]?.members?.map(\.key) }
      if let former = others.first(where: { Set($0) == Set(ids) }) {
        throw PlanRecord.inputsDiffer(stage, before: former, now: ids)
      }
      throw StreamError(
        .usage,
        "\(stage) is new in this query, and does not know how its inputs followed each other",
        hint: "leave it out, or use another --checkpoint directory")
    }
    guard let last = ResumePoint(json) else { throw MergedMemo.damaged(json) }
    self.last = last
    isSilent = MergedMemo.isSilent(ledger[stage: stage].memo)
    inputs = try (json["of"]?.members ?? []).map { member in
      guard let point = ResumePoint(member.value) else { throw MergedMemo.damaged(json) }
      return (member.key, point)
    }
  }

  private static func damaged(_ json: JSON) -> StreamError {
    StreamError(
      .io, "the checkpoint is damaged: this does not say how inputs were merged: \(json.text)")
  }

  /// - Parameter memo: of any stage: one that makes the watermark says so, too.
  static func isSilent(_ memo: JSON?) -> Bool {
    (memo?[key]?["silent"] ?? memo?["silent"])?.bool ?? false
  }

  var json: JSON {
    var json: JSON = [
      "epoch": .integer(last.epoch), "time": .integer(last.time),
      "watermark": last.watermark.map { .integer($0) } ?? .null,
      "of": .object(inputs.map { JSON.Member($0.id, $0.point.json) }),
    ]
    if isSilent { json["silent"] = true }
    return json
  }
}
