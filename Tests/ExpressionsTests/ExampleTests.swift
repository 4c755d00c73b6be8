import Columnar
import Expressions
import Testing

/// The manual page of expressions has an example for each function.
@Suite("The examples of functions")
struct ExampleTests {
  /// Examples that have no result of Spark's, and why.
  private static let exceptions: [String: String] = [:]

  @Test("give what Spark gives")
  func results() throws {
    let schema = try Schema(parsing: GoldenComparison.schema)
    let row = try GoldenFile.table("own-input-2.ndjson", schema)[0..<1]
    let entries = try GoldenFile("examples.ndjson").entries
    let known = Dictionary(entries.map { ($0.expression, $0) }) { first, _ in first }
    let examples = FunctionTable.functions.map(\.example)
    for example in examples where ExampleTests.exceptions[example] == nil {
      guard let entry = known[example] else {
        Issue.record("\(example): Spark was not asked")
        continue
      }
      let problem = GoldenComparison.problem(entry, over: row)
      #expect(problem == nil, "\(example): \(problem ?? "")")
    }
    #expect(Set(known.keys).isSubset(of: examples), "results of examples that are gone")
  }

  @Test("stand beside what the function is called and how it is used")
  func usages() {
    for function in FunctionTable.functions {
      // `text LIKE pattern` is how a function of that name is written.
      let called = function.usage.lowercased().split { $0 == "(" || $0 == " " }
      #expect(
        function.names.contains { called.map(String.init).contains($0) }, "\(function.usage)")
      #expect(!function.summary.isEmpty && !function.summary.hasSuffix("."), "\(function.name)")
      let words = function.example.lowercased()
      #expect(function.names.contains { words.contains($0) }, "\(function.example)")
    }
    let names = FunctionTable.functions.flatMap(\.names)
    #expect(Set(names).count == names.count, "a name stands twice in the table")
  }
}
