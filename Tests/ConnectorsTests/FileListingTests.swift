import Connectors
import Diagnostics
import Formats
import Glibc
import SystemPackage
import Testing

@Suite("Files named on the command line")
struct FileListingTests {
  let directory = TemporaryDirectory()

  private func names(_ paths: String...) throws -> [String] {
    try FileListing(paths.map { "\(directory.path)/\($0)" }).files.map {
      String($0.name.dropFirst(directory.path.count + 1))
    }
  }

  @Test("go by modification time, then by name")
  func order() throws {
    directory.write("b.csv", modified: 10)
    directory.write("a.csv", modified: 20)
    directory.write("d.csv", modified: 10)
    directory.write("c.csv", modified: 10)
    #expect(try names("a.csv", "d.csv", "c.csv", "b.csv") == ["b.csv", "c.csv", "d.csv", "a.csv"])
  }

  @Test("of a directory are neither hidden, nor administrative, nor in its directories")
  func directoryContents() throws {
    for name in ["data/a.csv", "data/.b.csv", "data/_SUCCESS", "data/inner/c.csv"] {
      directory.write(name)
    }
    #expect(try names("data") == ["data/a.csv"])
    #expect(try names("data/") == ["data/a.csv"])
  }

  @Test(
    "are found by patterns",
    arguments: [
      ("*.csv", ["a.csv", "ab.csv"]), ("?.csv", ["a.csv"]), ("a[a-c].csv", ["ab.csv"]),
      ("{a,b}.*", ["a.csv", "b.txt"]), ("*/c.csv", ["in/c.csv"]), ("i*", ["in/c.csv"]),
    ])
  func patterns(pattern: String, expected: [String]) throws {
    for name in ["a.csv", "ab.csv", "b.txt", ".h.csv", "in/c.csv"] { directory.write(name) }
    #expect(try names(pattern) == expected)
  }

  @Test("are taken literally when they are there under a name that looks like a pattern")
  func literal() throws {
    directory.write("a[1].csv")
    directory.write("a1.csv")
    #expect(try names("a[1].csv") == ["a[1].csv"])
  }

  @Test("are read once when they are named twice")
  func repeated() throws {
    let file = directory.write("a.csv")
    let listing = try FileListing([file, "\(directory.path)/./a.csv", "\(directory.path)/*.csv"])
    #expect(listing.files.count == 1)
    #expect(listing.repeated.count == 2)
  }

  @Test("carry the size that the system tells")
  func sizes() throws {
    directory.write("a.csv", "12345")
    #expect(try FileListing(["\(directory.path)/a.csv"]).files.map(\.byteCount) == [5])
    #expect(try FileListing(["/dev/null"]).files.map(\.byteCount) == [nil])
  }

  @Test(
    "are refused in plain words",
    arguments: [
      ("acess.csv", "no file '$/acess.csv' (did you mean '$/access.csv'?)", nil),
      ("nothing/like/it", "no file '$/nothing/like/it'", nil),
      ("*.json", "no file matches '$/*.json'", nil),
      (
        "**/*.csv", "'$/**/*.csv': '**' is not understood",
        "name each level of directories: 'data/*/*.csv'"
      ),
      ("empty", "no files in '$/empty' (1 whose names begin with '.' or '_' are passed over)", nil),
      (
        "outer", "no files in '$/outer' (directories in it are not read)",
        "name them by a pattern: '$/outer/*'"
      ),
      ("dangling", "'$/dangling' is a link to a file that is not there", nil),
    ] as [(String, String, String?)])
  func refusals(path: String, message: String, hint: String?) throws {
    directory.write("access.csv")
    directory.write("empty/_SUCCESS")
    directory.write("outer/inner/a.csv")
    unsafe symlink("\(directory.path)/gone", "\(directory.path)/dangling")
    let expected = StreamError(
      .usage, message.replacing("$", with: directory.path),
      hint: hint?.replacing("$", with: directory.path))
    #expect(throws: expected) { try names(path) }
  }

  @Test("say what '-' would have meant")
  func dash() throws {
    #expect(
      throws: StreamError(
        .usage, "no file '-'", hint: "standard input is what stream-source reads without 'file'")
    ) { try FileListing(["-"]) }
  }
}

@Suite("Endings of file names")
struct FileEndingTests {
  @Test(
    "tell the format, behind a compression's ending too",
    arguments: [
      ("a.csv", Format.csv), ("a.tsv", .csv), ("a.json", .json), ("a.ndjson", .json),
      ("a.jsonl", .json), ("a.txt", .text), ("a.log", .text), ("a.arrow", .arrow),
      ("a.parquet", .parquet),
      ("a.arrows", .arrow), ("a.csv.gz", .csv), ("a.json.zst", .json), ("A.CSV.GZ", .csv),
      ("a.b.csv", .csv), ("dir.csv/a", nil), ("csv", nil), ("a", nil), ("a.gz", nil),
      ("a.dat", nil),
    ] as [(String, Format?)])
  func formats(name: String, expected: Format?) {
    #expect(FileEnding(of: name).format == expected)
  }

  @Test("tell tabs")
  func tabs() {
    #expect(FileEnding(of: "a.tsv.gz").isTabSeparated)
    #expect(!FileEnding(of: "a.csv").isTabSeparated)
  }

  private func files(_ names: String...) -> [InputFile] {
    names.map { InputFile(path: .init($0), byteCount: 0, modified: 0) }
  }

  @Test("have to agree")
  func common() throws {
    #expect(try FileEnding.commonFormat(of: files("a.csv", "b.csv.gz", "c.tsv")) == .csv)
    #expect(try FileEnding.commonFormat(of: files("a", "b.log")) == .text)
    #expect(try FileEnding.commonFormat(of: []) == .text)
    #expect(
      throws: StreamError(
        .usage, "files of several formats: 'a.csv' is csv, 'README' is text",
        hint: "choose files by a pattern such as '*.csv', or say what all are: --format csv")
    ) { try FileEnding.commonFormat(of: files("a.csv", "README")) }
  }
}
