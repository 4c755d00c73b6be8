internal import Diagnostics
internal import Glibc

/// Where a table is shown: a terminal with its size, or anything else, which has none.
struct Screen {
  let descriptor: Int32
  let isTerminal: Bool
  /// Bold and the like: not wanted with `NO_COLOR` or on a dumb terminal.
  let hasStyles: Bool

  init(descriptor: Int32) {
    self.descriptor = descriptor
    isTerminal = isatty(descriptor) != 0
    let isDumb = unsafe getenv("TERM").map { unsafe String(cString: $0) == "dumb" } ?? true
    let refusesColor = unsafe getenv("NO_COLOR").map { unsafe $0.pointee != 0 } ?? false
    hasStyles = isTerminal && !isDumb && !refusesColor
  }

  /// Cells of a line and lines; asked for anew each time, since windows are resized.
  var size: (columns: Int, rows: Int)? {
    guard isTerminal else { return nil }
    var window = winsize()
    let isKnown = unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &window) == 0
    let columns = isKnown && window.ws_col > 0 ? Int(window.ws_col) : 80
    let rows = isKnown && window.ws_row > 0 ? Int(window.ws_row) : 24
    return (max(columns, 8), max(rows, 6))
  }

  func write(_ text: String) throws {
    var text = text
    try text.withUTF8 { bytes in
      try unsafe writeAll(UnsafeRawBufferPointer(bytes), to: descriptor, named: "standard output")
    }
  }
}
