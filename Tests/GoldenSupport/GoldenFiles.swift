import CZstd
package import JSONText
import SystemPackage

/// The reference results in `Tests/Golden`: what Apache Spark 4.3.0 made of small inputs.
package enum GoldenFiles {
  package struct Unreadable: Error {
    package let path: String
  }

  /// The lines of a file of JSON lines, which may end in `.zst`.
  package static func lines(_ name: String) throws -> [JSON] {
    let bytes = try contents(path(name))
    return try lines(of: name.hasSuffix(".zst") ? decompressed(bytes, path(name)) : bytes)
  }

  package static func text(_ name: String) throws -> String {
    String(decoding: try contents(path(name)), as: UTF8.self)
  }

  private static func path(_ name: String) -> String {
    let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    return "/\(folder)/Golden/\(name)"
  }

  static func lines(of bytes: [UInt8]) throws -> [JSON] {
    try bytes.split(separator: UInt8(ascii: "\n")).map { try JSON(parsing: Array($0)) }
  }

  private static func contents(_ path: String) throws -> [UInt8] {
    let file = try FileDescriptor.open(FilePath(path), .readOnly)
    return try file.closeAfter {
      var bytes: [UInt8] = []
      var block = [UInt8](repeating: 0, count: 1 << 16)
      while true {
        let count = try unsafe block.withUnsafeMutableBytes { unsafe try file.read(into: $0) }
        if count == 0 { return bytes }
        bytes += block[..<count]
      }
    }
  }

  private static func decompressed(_ bytes: [UInt8], _ path: String) throws -> [UInt8] {
    let size = unsafe Int(ZSTD_getFrameContentSize(bytes, bytes.count))
    guard 0..<1 << 28 ~= size else { throw Unreadable(path: path) }
    return try unsafe [UInt8](unsafeUninitializedCapacity: size) { room, count in
      count = unsafe ZSTD_decompress(room.baseAddress, size, bytes, bytes.count)
      guard count == size else { throw Unreadable(path: path) }
    }
  }
}
