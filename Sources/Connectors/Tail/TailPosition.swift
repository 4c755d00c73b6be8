internal import Checkpoint
internal import Columnar
internal import Diagnostics
internal import JSONText

/// The last bytes before a place in a file: a file is known by them, whatever its name.
struct TailWindow: Sendable, Equatable {
  static let byteCountMax = 4096

  private(set) var bytes: [UInt8] = []

  init() {}

  /// - Parameter bytes: those before a place; only the last are kept.
  init(_ bytes: [UInt8]) { self.bytes = bytes.suffix(Self.byteCountMax) }

  mutating func append(_ added: Buffer<UInt8>) {
    let kept = max(0, min(bytes.count, Self.byteCountMax - added.count))
    bytes.removeFirst(bytes.count - kept)
    bytes += added[max(0, added.count - Self.byteCountMax)..<added.count].elements
  }

  var fingerprint: String { Checksum.text(of: bytes) }
}

/// How far a file has been read.
struct TailPosition: Sendable, Equatable {
  /// The number of the file in this query.
  var file: Int
  /// Where it stood when it was followed: its name may be another one by now.
  var path: String
  var identity: FileIdentity
  /// Whole records end there.
  var offset: Int64 = 0
  /// Line ends before it.
  var lines: Int64 = 0
  /// How many bytes before the offset the fingerprint is of.
  var span: Int = 0
  var fingerprint = ""
  /// When it was last seen to have changed: ns since 1970.
  var modified: Int64 = 0
  /// It was read to its end and is not written any more. It stays for the sake of its place in the
  /// order of rotation, until its successor has been begun.
  var isFinished = false
  /// It is not followed any more.
  var isGone = false

  init(file: Int, path: String, status: FileStatus) {
    (self.file, self.path) = (file, path)
    (identity, modified) = (status.identity, status.modified)
  }

  init(_ json: JSON) throws(StreamError) {
    guard let file = json["file"]?.int64, let path = json["path"]?.string,
      let device = json["device"]?.int64, let inode = json["inode"]?.int64,
      let offset = json["offset"]?.int64, let lines = json["lines"]?.int64,
      let span = json["span"]?.int64, let fingerprint = json["fingerprint"]?.string,
      let modified = json["modified"]?.int64,
      0 <= offset, 0 <= lines, 0...min(offset, Int64(TailWindow.byteCountMax)) ~= span,
      0 <= file, file < 1 << 53
    else { throw StreamError.damagedCheckpoint("this is no place in a file") }
    (self.file, self.path) = (Int(file), path)
    identity = FileIdentity(device: device, inode: inode)
    (self.offset, self.lines, self.span) = (offset, lines, Int(span))
    (self.fingerprint, self.modified) = (fingerprint, modified)
    isFinished = json["finished"]?.bool ?? false
    isGone = json["gone"]?.bool ?? false
  }

  var json: JSON {
    var json: JSON = [
      "file": .integer(Int64(file)), "path": .string(path), "device": .integer(identity.device),
      "inode": .integer(identity.inode), "offset": .integer(offset), "lines": .integer(lines),
      "span": .integer(Int64(span)), "fingerprint": .string(fingerprint),
      "modified": .integer(modified),
    ]
    if isFinished { json["finished"] = true }
    if isGone { json["gone"] = true }
    return json
  }

  mutating func note(_ window: TailWindow) {
    span = window.bytes.count
    fingerprint = window.fingerprint
  }

  /// Whether these are the bytes before the offset.
  func fits(_ window: [UInt8]) -> Bool {
    window.count == span && Checksum.text(of: window) == fingerprint
  }

  /// Whether a file holds what was read.
  func fits(_ file: OpenedFile) -> Bool {
    offset == 0 || fits(file.bytes(offset - Int64(span)..<offset))
  }
}
