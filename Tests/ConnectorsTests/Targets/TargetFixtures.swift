import Columnar
import Connectors
import Formats
import Glibc

/// Writes rows as `1|a`, with the names of the columns in front unless it goes on with a file.
struct PlainWriter: RecordWriter {
  var hasHeader = true

  mutating func begin(_ schema: Schema, into bytes: inout MutableBuffer<UInt8>) {
    if hasHeader { append(schema.names.joined(separator: "|") + "\n", to: &bytes) }
  }

  mutating func write(_ batch: Batch, into bytes: inout MutableBuffer<UInt8>) throws {
    for row in 0..<batch.rowCount {
      let texts = batch.row(row).map { value in
        switch value {
        case .integer(let integer): "\(integer)"
        case .string(let string): string
        default: "\(value)"
        }
      }
      append(texts.joined(separator: "|") + "\n", to: &bytes)
    }
  }

  mutating func end(into bytes: inout MutableBuffer<UInt8>) {}

  private func append(_ text: String, to bytes: inout MutableBuffer<UInt8>) {
    for byte in text.utf8 { bytes.append(byte) }
  }
}

let numbered = Schema([Field("n", .bigint), Field("name", .string)])

func rows(_ rows: [(Int64?, String?)]) -> Batch {
  Batch(
    schema: numbered, columns: [Column(rows.map(\.0)), Column(rows.map(\.1))],
    rowCount: rows.count)
}

func form(
  _ mode: ResultForm.Mode, isBounded: Bool = true, keys: [String] = [], schema: Schema = numbered,
  isDurable: Bool = false
) -> ResultForm {
  ResultForm(
    schema: schema, mode: mode, keys: keys, isBounded: isBounded, queryTag: "3f2a91c0",
    branch: "main", isDurable: isDurable)
}

func epoch(_ number: Int64, replaces: Bool = false, isFinal: Bool = false) -> TargetEpoch {
  TargetEpoch(number: number, replacesResult: replaces, isFinal: isFinal)
}

/// What a target writes to its descriptor.
func captured(_ body: (Int32) throws -> Void) throws -> String {
  guard let file = unsafe tmpfile() else { return "no file" }
  defer { unsafe fclose(file) }
  let descriptor = unsafe fileno(file)
  try body(descriptor)
  lseek(descriptor, 0, SEEK_SET)
  return readAll(descriptor)
}

extension TemporaryDirectory {
  func at(_ name: String) -> String { "\(path)/\(name)" }

  func text(_ name: String) -> String? {
    let descriptor = unsafe open(at(name), O_RDONLY)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    return readAll(descriptor)
  }

  /// All names in a directory, sorted.
  func names(in name: String = "") -> [String] {
    guard let stream = unsafe opendir(at(name)) else { return [] }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  var names: [String] { names() }

  /// Without hidden ones.
  func visibleNames(in name: String = "") -> [String] {
    names(in: name).filter { !$0.hasPrefix(".") }
  }
}

private func readAll(_ descriptor: Int32) -> String {
  var bytes: [UInt8] = []
  var piece = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = unsafe read(descriptor, &piece, piece.count)
    guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
    bytes += piece[..<count]
  }
}
