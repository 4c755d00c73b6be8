package import Diagnostics
package import JSONText
import Toolkit
import Wire

/// What each part of a query waits for, as far as its checkpoint tells: why nothing comes out, and
/// what would change that.
package struct Explanation {
  /// `query` first, then each stage, what feeds it in front of it.
  package let accounts: [StageAccount]
  private let evidence: Evidence

  /// - Parameter now: µs, UTC.
  package init(_ summary: QuerySummary, at now: Int64) throws(StreamError) {
    let evidence = try Evidence(summary, at: now)
    self.evidence = evidence
    let stages = summary.commands.map { evidence.account(of: $0.stage, tool: $0.tool) }
    accounts = [Explanation.whole(evidence)] + stages
  }

  private static func whole(_ evidence: Evidence) -> StageAccount {
    var account = StageAccount("query", state(evidence.summary))
    let waiting = evidence.stagesWithOpenWindows
    if !waiting.isEmpty {
      let owners = waiting.count == 1 ? "its" : "their"
      account.say(
        "what has come in waits in \(listed(waiting, "and")) until \(owners) windows close")
    }
    return account
  }

  private static func state(_ summary: QuerySummary) -> String {
    switch summary.state.kind {
    case .complete: return "complete: all of its input is committed, nothing is left to do"
    case .stopped where summary.report == nil: return "does not run, and has not committed anything"
    case .stopped:
      let again = "run its command line again to go on"
      let open = summary.openEpochCount
      if open == 0 { return "does not run; all that it began is committed; \(again)" }
      return "does not run; \(counted(open, "epoch")) will be made again; \(again)"
    case .running where summary.state.sources.isEmpty:
      return "ends: its source has gone, the stages behind it finish what they have"
    case .running: return "runs"
    }
  }

  /// Lines for people: a stage's first sentence stands beside its name, the others below it.
  package var lines: [String] {
    accounts.flatMap { account in
      ["\(account.stage): \(account.sentences[0])"]
        + account.sentences.dropFirst().map { "  \($0)" }
    }.map(plain)
  }

  package var json: JSON {
    let last = evidence.last
    return [
      "state": .string(evidence.summary.state.kind.rawValue),
      "says": .array(accounts[0].sentences.map { .string($0) }),
      "epoch": JSON(last?.epoch), "watermark": JSON(time: last?.watermark),
      "final": .bool(last?.isFinal ?? false),
      "stages": .array(accounts.dropFirst().map(\.json)),
    ]
  }
}

/// What there is to say of a stage.
package struct StageAccount {
  package let stage: String
  /// At least one; without a full stop.
  package private(set) var sentences: [String]
  private var facts: [JSON.Member] = []

  init(_ stage: String, _ sentence: String) {
    self.stage = stage
    sentences = [sentence]
  }

  mutating func say(_ sentence: String?) {
    if let sentence { sentences.append(sentence) }
  }

  /// Adds a member for programs.
  mutating func note(_ name: String, _ value: JSON) { facts.append(JSON.Member(name, value)) }

  package var json: JSON {
    let says = JSON.array(sentences.map { .string($0) })
    return .object([JSON.Member("id", .string(stage)), JSON.Member("says", says)] + facts)
  }
}

/// `a`, `a and b`, `a, b and c`.
func listed(_ words: [String], _ conjunction: String) -> String {
  guard let last = words.last, words.count > 1 else { return words.first ?? "" }
  return "\(words.dropLast().joined(separator: ", ")) \(conjunction) \(last)"
}
