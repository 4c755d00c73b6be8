import Columnar
import Connectors
import Diagnostics
import Formats
import TestSupport
import Testing

/// What came of an input, whatever it was.
private struct Outcome: Equatable {
  var rows: [[Value]] = []
  var malformed: Int64 = 0
  var error: StreamError?
}

@Suite("Hostile inputs")
struct HostileInputTests {
  let directory = TemporaryDirectory()

  private func read(_ path: String, _ plan: InputPlan) throws -> Outcome {
    var outcome = Outcome()
    do {
      let opener = InputOpener(files: try FileListing([path]).files, stop: .none)
      let input: any MeasuredInput =
        plan.format == .arrow
        ? try BatchFiles(opener, plan: plan, stop: .none, notices: .none)
        : try RecordInput(opener, plan: plan, stop: .none, notices: .none)
      defer { outcome.malformed = input.malformedCount }
      while true {
        switch try input.next(until: .never) {
        case .rows(let batch, _, _): outcome.rows += (0..<batch.rowCount).map { batch.row($0) }
        case .passedOver, .fileEnd, .nothingYet: continue
        case .end: return outcome
        }
      }
    } catch let error as StreamError {
      outcome.error = error
      return outcome
    }
  }

  /// Bytes that parsers care for, and some that they do not.
  private func bytes(_ random: inout SplitMix64) -> [UInt8] {
    let letters = Array("\"\"\n\n\n\r,,;{}[]:\\ 0123456789abeutfnl.-+\u{FEFF}é".utf8) + [0, 0xFF]
    return (0..<Int(random.next() % 3000)).map { _ in
      letters[Int(random.next() % UInt64(letters.count))]
    }
  }

  @Test(
    "give the same however they are cut, and never trap",
    arguments: [Format.text, .csv, .json], 0..<40 as Range<UInt64>)
  func cuts(format: Format, seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let file = directory.write("input", bytes: bytes(&random))
    var options = ReadOptions()
    if seed % 2 == 0 {
      options.schema = Schema([Field("a", .string)])
      options.hasHeader = seed % 4 == 0
    }
    if seed % 3 == 0 { options.corruptColumn = "bad" }
    var plan = InputPlan(format: format, options: options)
    let expected = try read(file, plan)
    for _ in 0..<4 {
      plan.limits.firstBytes = 1 + Int(random.next() % 300)
      plan.limits.fullBytes = plan.limits.firstBytes + Int(random.next() % 300)
      let outcome = try read(file, plan)
      #expect(outcome == expected)
    }
  }

  @Test("may be damaged Arrow streams", arguments: 0..<60 as Range<UInt64>)
  func arrow(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var bytes = [UInt8](repeating: 0xFF, count: 4) + [16, 0, 0, 0]
    bytes += (0..<Int(random.next() % 400)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    let plan = InputPlan(format: .arrow)
    let outcome = try read(directory.write("input", bytes: bytes), plan)
    #expect(outcome.error != nil)
  }
}
