import Diagnostics
import Glibc
import JSONText
import Toolkit

/// Writes a line on standard output at once: what follows may be long in coming.
///
/// - Throws: the quiet end of a tool whose reader has gone.
func printLine(_ line: String) throws {
  let bytes = Array("\(line)\n".utf8)
  var offset = 0
  while offset < bytes.count {
    let count = unsafe bytes.withUnsafeBytes { whole in
      unsafe write(1, whole.baseAddress.map { unsafe $0 + offset }, whole.count - offset)
    }
    if count > 0 {
      offset += count
      continue
    }
    switch errno {
    case EINTR: continue
    case EPIPE: throw SilentExit(status: 0)
    default:
      let reason = unsafe String(cString: strerror(errno))
      throw StreamError(
        .io, "cannot write standard output: \(reason.prefix(1).lowercased())\(reason.dropFirst())")
    }
  }
}

func printLine(_ json: JSON) throws { try printLine(json.text) }

/// Columns for people: two spaces between them, no lines.
struct TextTable {
  struct Column {
    let title: String
    /// In characters; a wider cell pushes what follows to the right.
    var width: Int
    let isNumber: Bool

    init(_ title: String, width: Int = 0, isNumber: Bool = false) {
      self.title = title
      self.width = max(width, title.count)
      self.isNumber = isNumber
    }
  }

  private var columns: [Column]

  init(_ columns: [Column]) { self.columns = columns }

  /// Makes the columns as wide as these rows need them.
  mutating func fit(_ rows: [[String]]) {
    for row in rows {
      for (index, cell) in row.enumerated() where index < columns.count {
        columns[index].width = max(columns[index].width, cell.count)
      }
    }
  }

  var header: String { line(columns.map(\.title)) }

  func line(_ cells: [String]) -> String {
    var text = ""
    for (cell, column) in zip(cells, columns) {
      let room = String(repeating: " ", count: max(0, column.width - cell.count))
      if !text.isEmpty { text += "  " }
      text += column.isNumber ? room + cell : cell + room
    }
    while text.last == " " { text.removeLast() }
    return text
  }
}

extension JSON {
  init(_ text: String?) { self = text.map { .string($0) } ?? .null }
  init(_ number: Int64?) { self = number.map { .integer($0) } ?? .null }
  /// A time as text.
  init(time: Int64?) { self = time.map { .string(isoMilliseconds($0)) } ?? .null }
}

/// What stands in a file may hold anything: what would steer a terminal is spelt out.
func plain(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    if scalar.value < 0x20 || 0x7F...0x9F ~= scalar.value {
      result += "\\u{\(String(scalar.value, radix: 16))}"
    } else {
      result.unicodeScalars.append(scalar)
    }
  }
  return result
}
