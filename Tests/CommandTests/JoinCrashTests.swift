import Testing

/// Joins that are killed at each step, while their table changes: see `Support/crash-a-join`.
@Suite("Crashes of a join")
struct JoinCrashTests {
  @Test("leave each epoch with the table that it had")
  func crashes() throws {
    let result = try Case.run(["crash-a-join"], seconds: 300)
    #expect(
      result == Case.Result(out: "crashes enough\nrepeats enough\n", err: "", status: 0))
  }
}
