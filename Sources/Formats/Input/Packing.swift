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
