package import Diagnostics

/// How an input is compressed.
package enum Packing: String, Sendable, CaseIterable {
  case gzip
  case zstd

  /// How many of the first bytes tell.
  package static let signatureByteCount = 4

  /// What names of files end with.
  package var suffix: String {
    switch self {
    case .gzip: "gz"
    case .zstd: "zst"
    }
  }

  /// What an input begins with.
  private var signatures: [[UInt8]] {
    switch self {
    case .gzip: [[0x1F, 0x8B, 0x08]]
    // A frame, or one that is to be skipped (RFC 8878, section 3.1.2), numbered 0 to 15.
    case .zstd: [[0x28, 0xB5, 0x2F, 0xFD]] + (0..<16).map { [0x50 + $0, 0x2A, 0x4D, 0x18] }
    }
  }

  /// By the first bytes of an input.
  ///
  /// - Parameter head: up to ``signatureByteCount`` bytes.
  /// - Returns: nil when it is not compressed.
  package init?(head: Span<UInt8>) {
    guard let found = Packing.allCases.first(where: { $0.fits(head, isCut: false) }) else {
      return nil
    }
    self = found
  }

  /// Whether more bytes may tell that an input that begins so is compressed.
  package static func isUndecided(head: Span<UInt8>) -> Bool {
    Packing.allCases.contains { $0.fits(head, isCut: true) && !$0.fits(head, isCut: false) }
  }

  /// By the ending of a file's name.
  package init?(fileName: String) {
    guard let dot = fileName.utf8.lastIndex(of: UInt8(ascii: ".")) else { return nil }
    let ending = fileName[fileName.index(after: dot)...].lowercased()
    guard let found = Packing.allCases.first(where: { $0.suffix == ending }) else { return nil }
    self = found
  }

  /// - Parameter name: the input's, for messages.
  package func makeDecoder(name: String) throws(StreamError) -> any ByteDecoder {
    switch self {
    case .gzip: try GzipDecoder(name: name)
    case .zstd: try ZstdDecoder(name: name)
    }
  }

  /// Whether the bytes begin as they should, as far as they go or in full.
  private func fits(_ head: Span<UInt8>, isCut: Bool) -> Bool {
    signatures.contains { signature in
      guard head.count >= signature.count || isCut else { return false }
      let count = min(head.count, signature.count)
      return (0..<count).allSatisfy { head[$0] == signature[$0] }
    }
  }
}

/// A way of packing files that is not read: nothing in one is a record.
package enum ForeignPacking: String, CaseIterable {
  case bzip2
  case lz4
  case xz
  case zip

  /// By the first bytes of an input.
  ///
  /// - Parameters:
  ///   - head: up to ``Packing/signatureByteCount`` bytes.
  ///   - name: the input's.
  package init?(head: Span<UInt8>, name: String) {
    let bytes = (0..<head.count).map { head[$0] }
    guard
      let found = ForeignPacking.allCases.first(where: {
        bytes.starts(with: $0.signature) && ($0 != .bzip2 || name.hasSuffix(".bz2"))
      })
    else { return nil }
    self = found
  }

  /// That of bzip2 could be a text.
  private var signature: [UInt8] {
    switch self {
    case .bzip2: Array("BZh".utf8)
    case .lz4: [0x04, 0x22, 0x4D, 0x18]
    case .xz: [0xFD, 0x37, 0x7A, 0x58]
    case .zip: [0x50, 0x4B, 0x03, 0x04]
    }
  }

  /// - Parameter file: nil for standard input.
  package func refusal(of file: String?) -> StreamError {
    let place = file ?? "standard input"
    // Spreadsheets and documents are archives, too.
    if self == .zip, !place.hasSuffix(".zip") {
      return StreamError(
        .usage, "it is a zip archive, or a workbook, which is not read", location: place,
        hint: "save it as CSV")
    }
    let command = self == .zip ? "unzip -p" : "\(rawValue) -dc"
    let argument = file.map { " \(shellQuoted($0))" } ?? ""
    return StreamError(
      .usage, "it is compressed by \(rawValue), which is not read", location: place,
      hint: "\(command)\(argument) | stream-source --format csv")
  }
}
