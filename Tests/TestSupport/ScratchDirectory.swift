import Glibc

/// A directory of its own for a test, removed with all that is in it at the end.
package final class ScratchDirectory {
  package let path: String

  package init() {
    var template = Array("/tmp/stream-test-XXXXXX".utf8CString)
    path = unsafe template.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress, let name = unsafe mkdtemp(start) else {
        fatalError("no scratch directory")
      }
      return unsafe String(cString: name)
    }
  }

  deinit { ScratchDirectory.remove(path) }

  private static func remove(_ path: String) {
    guard let stream = unsafe opendir(path) else {
      unsafe unlink(path)
      return
    }
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != ".", name != ".." { remove("\(path)/\(name)") }
    }
    unsafe closedir(stream)
    unsafe rmdir(path)
  }

  /// The bytes of a file; none where there is no file.
  package func bytes(_ name: String) -> [UInt8] {
    guard let file = unsafe fopen("\(path)/\(name)", "rb") else { return [] }
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe fread(&chunk, 1, chunk.count, file)
      if count == 0 { return bytes }
      bytes += chunk[..<count]
    }
  }

  package func write(_ bytes: [UInt8], to name: String) {
    guard let file = unsafe fopen("\(path)/\(name)", "wb") else { fatalError("no file \(name)") }
    precondition(unsafe fwrite(bytes, 1, bytes.count, file) == bytes.count)
    unsafe fclose(file)
  }
}
