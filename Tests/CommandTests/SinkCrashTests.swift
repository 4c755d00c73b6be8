import Foundation
import Testing

/// Sinks that are killed at each step of theirs, in real pipelines: whatever the step, the runs
/// behind it must make of it what an undisturbed run would have.
@Suite("Crashes of a sink")
struct SinkCrashTests {
  struct Target: CustomTestStringConvertible {
    let testDescription: String
    /// Prints the values that the target holds.
    let result: String
    let sink: String
    /// The steps that are the target's own business.
    var points = "part|file|sqlite|exec|marker|commits.log:"
    var variables: [String: String] = [:]
  }

  static let targets = [
    Target(
      testDescription: "a file, at every step", result: "tail -n +2 out.csv | cut -d, -f2",
      sink: "file out.csv", points: "."),
    Target(
      testDescription: "a directory",
      result: "cat out/part-*.csv | grep -v timestamp | cut -d, -f2",
      sink: "file out/ --format csv --roll 300"),
    Target(
      testDescription: "a directory of Parquet files",
      result: "stream-source file 'out/part-*.parquet' | stream-sink stdout --format csv "
        + "| grep -v timestamp | cut -d, -f2",
      sink: "file out/ --format parquet --roll 2k"),
    Target(
      testDescription: "a directory with partitions",
      result: "for d in out/value=*/*.csv; do d=${d#*=}; echo ${d%%/*}; done",
      sink: "file out --format csv --partition-by value", variables: ["ROWS": "18"]),
    Target(
      testDescription: "a file that was there",
      result: "tail -n +2 out.csv | cut -d, -f2", sink: "file out.csv --append",
      variables: ["SETUP": "echo head > out.csv"]),
    Target(
      testDescription: "a table", result: "sqlite3 a.db 'SELECT value FROM t'",
      sink: "sqlite a.db --table t", variables: ["CRASHES_MIN": "8"]),
    Target(
      // At least once: the number of the epoch tells what came before.
      testDescription: "a program", result: "sort -u seen | cut -d, -f2",
      sink: "exec 'grep -v timestamp | sed s/^/$STREAM_EPOCH,/ | cut -d, -f1,3 >> seen' "
        + "--format csv", variables: ["CRASHES_MIN": "4"]),
    Target(
      testDescription: "a file and a table",
      result: "tail -n +2 out.csv | cut -d, -f2; "
        + "sqlite3 a.db 'SELECT value FROM t' | sort -n | cmp - <(seq 0 119)",
      sink: "file out.csv --also 'sqlite a.db --table t'"),
  ]

  @Test("lose nothing and double nothing", arguments: targets)
  func crashes(target: Target) throws {
    let result = try Case.run(
      ["crash-at-each-point", target.result, target.sink], seconds: 120,
      environment: target.variables.merging(["POINTS": target.points]) { $1 })
    #expect(result == Case.Result(out: "crashes enough\n", err: "", status: 0))
  }
}
