internal import Diagnostics
package import JSONText
internal import SystemPackage

/// The part of a file that an epoch has taken in, as its intent says it.
package struct FilePart: Sendable, Equatable {
  /// Its path is absolute. Size and time of change are those when it was opened.
  package var file: InputFile
  /// Bytes after decompression; rows in Arrow files.
  package var from: Int64
  package var to: Int64
  /// Line ends before it in the file.
  package var line: Int64 = 0
  /// Line ends in it.
  package var lineCount: Int64 = 0
  /// Whether the file was read to its end.
  package var isEnd = false
  /// Places are counted in rows.
  package var isRows = false
  /// The size of the file does not tell how far one can read.
  package var isDecoded = false
  /// Of the bytes; nil where places are counted in rows.
  package var sum: String?
  /// Of the header that it was read with.
  package var headerSum: String?

  package init(_ file: InputFile, from: Int64) {
    self.file = file
    self.from = from
    to = from
  }

  var unit: String { isRows ? "rows" : "bytes" }

  /// Whether all was taken that the file held when it was opened.
  var wasAtEnd: Bool { isEnd || (!isRows && !isDecoded && to >= file.byteCount ?? .max) }

  /// Whether the other is the same part with the same contents.
  func isSame(as other: FilePart) -> Bool {
    var (left, right) = (self, other)
    // Where there are bytes, they themselves tell; a copy of the file will do.
    left.file = file.known(isRows)
    right.file = other.file.known(isRows)
    return left == right
  }
}

extension InputFile {
  /// Without what may differ though the contents do not.
  fileprivate func known(_ keepsTime: Bool) -> InputFile {
    InputFile(
      path: path, name: name, byteCount: keepsTime ? byteCount : nil,
      modified: keepsTime ? modified : 0)
  }
}

// MARK: - JSON

extension FilePart {
  var json: JSON {
    var json: JSON = ["path": .string(file.path.string)]
    if file.name != file.path.string { json["name"] = .string(file.name) }
    json["from"] = .integer(from)
    json["to"] = .integer(to)
    if isRows {
      json["rows"] = true
    } else {
      json["line"] = .integer(line)
      json["lines"] = .integer(lineCount)
    }
    if isEnd { json["end"] = true }
    if isDecoded { json["decoded"] = true }
    json["size"] = .integer(file.byteCount ?? 0)
    json["modified"] = .integer(file.modified)
    json["inode"] = .integer(file.identity)
    json["header"] = headerSum.map { .string($0) }
    json["sum"] = sum.map { .string($0) }
    return json
  }

  /// - Throws: an I/O error when it is no part of a file.
  init(_ json: JSON) throws(StreamError) {
    guard let path = json["path"]?.string, path.hasPrefix("/"), !path.utf8.contains(0),
      let from = json["from"]?.int64, let to = json["to"]?.int64, 0 <= from, from <= to,
      let size = json["size"]?.int64, let modified = json["modified"]?.int64
    else { throw .noFilePart }
    let (line, lineCount) = (json["line"]?.int64 ?? 0, json["lines"]?.int64 ?? 0)
    guard line >= 0, lineCount >= 0, lineCount <= to - from else { throw .noFilePart }
    self.init(
      InputFile(
        path: FilePath(path), name: json["name"]?.string, byteCount: size, modified: modified,
        identity: json["inode"]?.int64 ?? 0),
      from: from)
    self.to = to
    self.line = line
    self.lineCount = lineCount
    isRows = json["rows"]?.bool ?? false
    isEnd = json["end"]?.bool ?? false
    isDecoded = json["decoded"]?.bool ?? false
    sum = json["sum"]?.string
    headerSum = json["header"]?.string
    guard isRows || sum != nil else { throw .noFilePart }
  }
}

/// What an epoch has taken in, as its intent says it.
package struct FileIntent: Sendable, Equatable {
  /// In the order in which they were read; a file is there once.
  package var parts: [FilePart]

  package init(_ parts: [FilePart]) { self.parts = parts }

  /// - Throws: an I/O error when it is no such thing.
  package init(_ json: JSON) throws {
    guard let files = json["files"]?.array else { throw StreamError.noFilePart }
    parts = try files.map { try FilePart($0) }
  }

  package var json: JSON {
    let bytes = parts.reduce(Int64(0)) { $0 &+ ($1.isRows ? 0 : $1.to - $1.from) }
    return ["files": .array(parts.map(\.json)), "bytes": .integer(bytes)]
  }
}

extension StreamError {
  static let noFilePart = StreamError.damagedCheckpoint(
    "an intent of the source names no part of a file")
}
