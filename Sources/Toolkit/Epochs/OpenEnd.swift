internal import JSONText
package import Wire

/// Results that a run has held back, although its input has ended: with a checkpoint the next run may
/// bring rows that belong to them.
package struct OpenEnd: Equatable {
  package let message: String
  package let hint = "if nothing more will come, close them: stream-source … --final"

  /// - Parameter lastLedger: of this run; nil when it has had no epoch.
  /// - Returns: nil when nothing is held back, or when more was to be expected anyway.
  package init?(_ header: Header, lastLedger: Ledger?) {
    guard header.shape.endsByItself,
      let ledger = lastLedger ?? header.resume.flatMap({ try? Ledger($0) }), !ledger.isFinal
    else { return nil }
    // In the other modes all rows are out.
    let waiting = header.plan.allStages.filter { $0.options["mode"]?.string == "append" }
    let noun = header.shape.window == nil ? "group" : "window"
    let counts = waiting.compactMap { stage -> (stage: String, count: Int64)? in
      let count = ledger[stage: stage.stage][metric: "openWindows"] ?? 0
      return count > 0 ? (stage.stage, count) : nil
    }
    guard let first = counts.first else { return nil }
    let texts = counts.map { "\(counted($0.count, noun)) of \($0.stage)" }
    let verb = counts.count == 1 && first.count == 1 ? "is" : "are"
    message = "the input has ended, but \(texts.joined(separator: " and ")) \(verb) still open"
  }
}
