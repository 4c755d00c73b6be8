import Connectors
import Glibc
import Testing

@Suite("Followed files, at random")
struct TailRandomTests {
  private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }

  /// A log and what was written to it.
  private struct Log {
    let writer: LogWriter
    var written: [String] = []
    var half: String?
    var count = 0

    mutating func act(_ random: inout SplitMix64) {
      switch Int.random(in: 0..<20, using: &random) {
      case 0..<10: append(lines: Int.random(in: 1...5, using: &random))
      case 10..<13: begin()
      case 13, 14: rename()
      case 15: cut()
      case 16: compress("gzip", ".gz", Int.random(in: 1...4, using: &random))
      case 17: compress("zstd -q --rm", ".zst", Int.random(in: 1...4, using: &random))
      default: append(lines: 200)
      }
    }

    private mutating func line() -> String {
      count += 1
      return "\(writer.name) line \(count) " + String(repeating: "-", count: count % 40)
    }

    mutating func append(lines: Int) {
      if half != nil { writer.append("\n") }
      half = nil
      for _ in 0..<lines {
        written.append(line())
        writer.append(written[written.count - 1] + "\n")
      }
    }

    private mutating func begin() {
      guard half == nil else { return }
      let text = line()
      written.append(text)
      half = text
      writer.append(text)
    }

    private mutating func rename() {
      guard access(writer.path) else { return }
      writer.rotate()
      half = nil
    }

    /// A line that has been begun would be torn.
    private func cut() {
      if half == nil, access(writer.path) { writer.copyAndCut() }
    }

    private func compress(_ command: String, _ ending: String, _ number: Int) {
      let file = "\(writer.name).\(number)"
      writer.run("if [ -e \(file) ]; then \(command) \(file); fi")
    }

    private func access(_ path: String) -> Bool { unsafe Glibc.access(path, R_OK) == 0 }
  }

  @Test(
    "gives each line once and in order, whatever is renamed, cut, compressed or killed",
    arguments: 0..<32 as Range<UInt64>)
  func everything(seed: UInt64) throws {
    var random = SplitMix64(state: seed)
    let directory = TemporaryDirectory()
    var logs = ["a.log", "b.log"].map {
      Log(writer: LogWriter(path: "\(directory.path)/\($0)"))
    }
    let paths =
      seed % 2 == 0 ? logs.map(\.writer.path) : ["\(directory.path)/*.log"]
    var limits = TailLimits()
    limits.quietPatience = .max / 4
    let follower = Follower(paths, limits: limits)
    for index in logs.indices { logs[index].append(lines: 1) }
    try follower.begin()
    try follower.take()
    try follower.close()
    for _ in 0..<60 {
      for _ in 0..<Int.random(in: 0...2, using: &random) {
        let index = Int.random(in: 0..<logs.count, using: &random)
        logs[index].act(&random)
      }
      switch Int.random(in: 0..<12, using: &random) {
      case 0..<4: try follower.take()
      case 4: try follower.take(batches: 1)
      case 5..<8: try follower.close()
      case 8, 9: follower.commit(Int.random(in: 1...3, using: &random))
      default:
        follower.crash()
        try follower.begin()
      }
    }
    for index in logs.indices { logs[index].append(lines: 1) }
    try follower.take(upTo: logs.reduce(0) { $0 + $1.written.count })
    for log in logs {
      let found = follower.rows.filter { $0.hasPrefix(log.writer.name) }
      #expect(difference(found, log.written) == "", "seed \(seed): \(follower.warnings)")
    }
  }

  /// Where two lists begin to differ.
  private func difference(_ found: [String], _ written: [String]) -> String {
    let common = zip(found, written).prefix { $0 == $1 }.count
    if common == found.count, common == written.count { return "" }
    return "\(common) lines, then \(found.dropFirst(common).prefix(3)) of \(found.count) "
      + "for \(written.dropFirst(common).prefix(3)) of \(written.count)"
  }
}
