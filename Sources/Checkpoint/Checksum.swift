internal import CChecksum
internal import Glibc

/// A checksum of 64 bits over bytes that come in pieces: where they were cut does not show (XXH3).
///
/// It finds damage, not malice.
@safe package final class Checksum {
  private let state: UnsafeMutableRawPointer
  /// How many bytes were added.
  package private(set) var byteCount: Int64 = 0

  package init() {
    guard let state = unsafe checksum_begin() else { fatalError("out of memory") }
    unsafe self.state = unsafe state
  }

  deinit { unsafe checksum_end(state) }

  package func add(_ bytes: RawSpan) {
    unsafe bytes.withUnsafeBytes { bytes in
      unsafe checksum_add(state, bytes.baseAddress, bytes.count)
    }
    byteCount += Int64(bytes.byteCount)
  }

  /// Sixteen hexadecimal digits.
  package var text: String { hexadecimal(unsafe checksum_value(state)) }

  /// Begins anew.
  package func reset() {
    unsafe checksum_reset(state)
    byteCount = 0
  }

  /// The checksum of some bytes.
  package static func text(of bytes: some Sequence<UInt8>) -> String {
    let array = Array(bytes)
    let value = unsafe array.withUnsafeBytes { unsafe checksum_of($0.baseAddress, $0.count) }
    return hexadecimal(value)
  }
}

private func hexadecimal(_ value: UInt64) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}
