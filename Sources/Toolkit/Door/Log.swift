package import Diagnostics
internal import Glibc

/// What a tool says to people: on standard error, a line a message.
package struct Log: Sendable {
  package enum Format: String, Sendable {
    case text
    /// An object a line, with `tool`, `level`, `message` and, where there is one, `hint`.
    case json
  }

  package let tool: String
  package let format: Format
  /// -1 with `--quiet`, else how often `--verbose` was given.
  package let verbosity: Int

  package init(tool: String, format: Format = .text, verbosity: Int = 0) {
    self.tool = tool
    self.format = format
    self.verbosity = verbosity
  }

  package func error(_ error: StreamError) {
    switch format {
    case .text: writeLine(error.rendered(by: tool))
    case .json:
      let place = error.location.map { "\($0): " } ?? ""
      writeObject("error", place + error.message, hint: error.hint, status: error.kind.rawValue)
    }
  }

  /// Something that the user should look at, although the work goes on.
  package func warning(_ message: String, hint: String? = nil) {
    guard verbosity >= 0 else { return }
    switch format {
    case .text:
      writeLine("\(tool): warning: \(message)" + (hint.map { "\n\(tool): hint: \($0)" } ?? ""))
    case .json: writeObject("warning", message, hint: hint)
    }
  }

  /// What was done, shown with `-v`.
  package func info(_ message: String) {
    guard verbosity >= 1 else { return }
    note(message, level: "info")
  }

  /// How it was done, shown with `-vv`.
  package func detail(_ message: String) {
    guard verbosity >= 2 else { return }
    note(message, level: "detail")
  }

  private func note(_ message: String, level: String) {
    switch format {
    case .text: writeLine("\(tool): \(message)")
    case .json: writeObject(level, message)
    }
  }

  private func writeObject(
    _ level: String, _ message: String, hint: String? = nil, status: Int32? = nil
  ) {
    var members = [("tool", tool), ("level", level), ("message", message)]
    if let hint { members.append(("hint", hint)) }
    let texts = members.map { "\"\($0.0)\":\(quoted($0.1))" }
    let tail = status.map { ",\"status\":\($0)" } ?? ""
    writeLine("{\(texts.joined(separator: ","))\(tail)}")
  }

  private func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20:
        result += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

/// One write, so that lines of several stages do not mix. A closed standard error is nobody's
/// concern.
package func writeLine(_ text: String) {
  writeStandardError(text + "\n")
}

func writeStandardError(_ text: String) {
  var text = text
  text.withUTF8 { bytes in
    var offset = 0
    while offset < bytes.count, let start = bytes.baseAddress {
      let written = unsafe write(2, start + offset, bytes.count - offset)
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { return }
      offset += written
    }
  }
}
