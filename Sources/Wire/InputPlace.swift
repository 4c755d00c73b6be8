import ArrowIPC
import Diagnostics
import Glibc

/// Where a stream comes from, and what an error in it means there.
struct InputPlace: Sendable {
  let name: String
  /// A file: who wrote it is not running, and waiting for it cannot help.
  let isFile: Bool
  let isTerminal: Bool
  /// The argument that names a further input, as a shell takes it.
  private let argument: String?

  init(descriptor: Int32, name: String, argument: String? = nil) {
    self.name = name
    self.argument = argument
    var status = stat()
    let isKnown = unsafe fstat(descriptor, &status) == 0
    let kind = status.st_mode & S_IFMT
    isFile = isKnown && (kind == S_IFREG || kind == S_IFCHR)
    isTerminal = isatty(descriptor) == 1
  }

  func streamError(_ error: ArrowError) -> StreamError {
    switch error {
    case .truncated where !isFile:
      StreamError(
        .unavailable, "the stage before ended without finishing its stream", location: name)
    case .system(let code, _) where code == ECONNRESET || code == ETIMEDOUT:
      StreamError(.unavailable, error.message, location: name)
    case .system: StreamError(.io, error.message, location: name)
    case .foreign(let bytes): unexpected(Guess(bytes))
    case .unsupported:
      StreamError(
        .usage, error.message, location: name, hint: "cast or drop the column before sending it")
    case .truncated, .malformed, .column: StreamError(.data, error.message, location: name)
    }
  }

  /// Nothing came at all.
  var isEmpty: StreamError {
    if !isFile {
      return StreamError(
        .unavailable, "the stage before ended before it had sent anything", location: name)
    }
    return StreamError(
      .usage, "expected a record stream but found nothing", location: name, hint: hint(.text))
  }

  var isATerminal: StreamError {
    StreamError(
      .usage, "expected a record stream but \(name) is a terminal",
      hint: "put a source in front: stream-source file data.csv | …")
  }

  private func unexpected(_ guess: Guess) -> StreamError {
    StreamError(
      .usage, "expected a record stream but found \(guess.rawValue)", location: name,
      hint: hint(guess))
  }

  private func hint(_ guess: Guess) -> String? {
    guard isFile, let argument else { return guess.hint }
    return guess.sourceOptions(of: argument).map {
      "<(stream-source file \(argument)\($0) --name other)"
    }
  }
}

/// What bytes that are no Arrow stream seem to be.
enum Guess: String {
  case json = "JSON"
  case csv = "CSV"
  case text = "plain text"
  case parquet = "a Parquet file"
  case gzip = "gzip-compressed data"
  case zstd = "zstd-compressed data"
  case binary = "binary data"

  init(_ bytes: [UInt8]) {
    if bytes.starts(with: "PAR1".utf8) {
      self = .parquet
    } else if bytes.starts(with: [0x1F, 0x8B]) {
      self = .gzip
    } else if bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
      self = .zstd
    } else if bytes.contains(where: { $0 < 0x20 && !(0x09...0x0D).contains($0) }) {
      self = .binary
    } else {
      self = Guess(text: bytes)
    }
  }

  private init(text bytes: [UInt8]) {
    let start = bytes.first { $0 > 0x20 }
    let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
    if start == UInt8(ascii: "{") || start == UInt8(ascii: "[") {
      self = .json
    } else if line.contains(UInt8(ascii: ",")) {
      self = .csv
    } else {
      self = .text
    }
  }

  /// What a source has to be told to read such a file, besides its name; nil when it cannot.
  func sourceOptions(of file: String) -> String? {
    switch self {
    case .json, .csv, .parquet: file.contains(".\(self)") ? "" : " --format \(self)"
    case .text, .gzip, .zstd: ""
    case .binary: nil
    }
  }

  var hint: String? {
    switch self {
    case .json: "put a source in front: stream-source --format json | …"
    case .csv: "put a source in front: stream-source --format csv | …"
    case .text: "put a source in front: stream-source | …"
    case .gzip, .zstd: "put a source in front that decompresses: stream-source | …"
    case .parquet, .binary: nil
    }
  }
}
