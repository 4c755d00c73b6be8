import Columnar
import Connectors
import Diagnostics
import Formats
import Synchronization
import TestSupport
import Testing

@Suite("tables in files")
struct FileTableTests {
  private let scratch = ScratchDirectory()

  private func table(_ text: String, _ format: Format, notices: Notices = .none) throws -> FileTable
  {
    scratch.write(Array(text.utf8), to: "t")
    return try FileTable("\(scratch.path)/t", InputPlan(format: format), notices: notices)
  }

  /// The error of reading all of it.
  private func error(_ table: FileTable, known: Schema? = nil) -> StreamError? {
    do {
      let reading = try table.open(known: known, columns: nil)
      while try reading.next() != nil {}
      return nil
    } catch {
      return error as? StreamError
    }
  }

  @Test("are advised about by the options of tables, when they are read again, too")
  func advice() throws {
    let csv = try table("", .csv)
    let names = Mutex<[String?]>([])
    let warned = try table(
      "", .json, notices: Notices { _, hint in names.withLock { $0.append(hint) } })
    _ = error(csv)
    _ = error(warned)
    #expect(names.withLock { $0 } == ["--table-schema 'id bigint, name string'"])
    let types = try table("id,tags\n1,2\n", .csv)
    for _ in 0..<2 {
      let found = error(types, known: Schema([Field("id", .bigint), Field("tags", .array(.int))]))
      #expect(
        found?.hint == "read it as a string and convert it behind, or use --table-format json")
    }
  }

  @Test("are advised about without what only a source can do")
  func foreignAdvice() throws {
    let array = try table(#"[{"id":1}]"#, .json)
    for _ in 0..<2 { #expect(error(array)?.hint == "make lines of it first: jq -c '.[]'") }
    let short = try table("id,n\n1\n", .csv)
    let found = error(short)
    #expect(found?.message == "expected 2 fields but found 1")
    #expect(found?.hint == nil)
    let latin = try table("", .csv)
    scratch.write(Array("id,caf".utf8) + [0xE9] + Array("\n1,2\n".utf8), to: "t")
    let encoded = error(latin)
    #expect(encoded != nil)
    #expect(encoded?.hint == nil)
  }
}
