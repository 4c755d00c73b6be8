import Glibc

/// Failures of this program's own files: there is nothing to do but to say so.
struct FileFailure: Error, CustomStringConvertible {
  let description: String
}

/// All files below a directory, sorted; hidden ones and folders of builds are left out.
func files(below directory: String) throws -> [String] {
  guard let stream = unsafe opendir(directory) else {
    throw FileFailure(description: "\(directory): cannot be listed")
  }
  defer { unsafe closedir(stream) }
  var found: [String] = []
  while let entry = unsafe readdir(stream) {
    let name = unsafe withUnsafePointer(to: entry.pointee.d_name) {
      unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
    }
    if name.hasPrefix(".") || name == "__pycache__" { continue }
    let path = directory == "." ? name : "\(directory)/\(name)"
    if unsafe Int32(entry.pointee.d_type) == Int32(DT_DIR) {
      found += try files(below: path)
    } else {
      found.append(path)
    }
  }
  return found.sorted()
}

func contents(of path: String) throws -> [UInt8] {
  guard let file = unsafe fopen(path, "r") else {
    throw FileFailure(description: "\(path): cannot be read")
  }
  defer { unsafe fclose(file) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65536)
  while true {
    let count = unsafe fread(&chunk, 1, chunk.count, file)
    if count == 0 { return bytes }
    bytes += chunk[..<count]
  }
}

func text(of path: String) throws -> String {
  String(decoding: try contents(of: path), as: UTF8.self)
}

func write(_ text: String, to path: String) throws {
  guard let file = unsafe fopen(path, "w") else {
    throw FileFailure(description: "\(path): cannot be written")
  }
  defer { unsafe fclose(file) }
  let bytes = Array(text.utf8)
  guard unsafe fwrite(bytes, 1, bytes.count, file) == bytes.count else {
    throw FileFailure(description: "\(path): cannot be written whole")
  }
}

/// What a program prints on standard output.
func output(of command: String) throws -> String {
  guard let pipe = unsafe popen(command, "r") else {
    throw FileFailure(description: "'\(command)' cannot be started")
  }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65536)
  while true {
    let count = unsafe fread(&chunk, 1, chunk.count, pipe)
    if count == 0 { break }
    bytes += chunk[..<count]
  }
  let status = unsafe pclose(pipe)
  guard status == 0 else { throw FileFailure(description: "'\(command)' failed") }
  return String(decoding: bytes, as: UTF8.self)
}
