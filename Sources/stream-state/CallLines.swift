import Columnar
import Formats
import Operators
import Scalars

/// Writes calls, a line each, in pieces.
struct CallLines {
  private let calls: ProgramCalls
  private let keys: JSONRowWriter
  private let rows: [JSONRowWriter]
  /// What stands behind the rows of each line, with its line feed.
  private let tail: [UInt8]
  /// Calls whose line is written.
  private(set) var count = 0
  private var isOpen = false
  private var nextPlace = 0

  private static let pieceBytes = 64 << 10
  static let tailNames = ["timeout", "epoch", "time", "watermark"]

  /// - Parameter rows: writers of the batches that places name.
  init(_ calls: ProgramCalls, in epoch: ProgramEpoch, rows: [JSONRowWriter]) {
    self.calls = calls
    self.rows = rows
    keys = JSONRowWriter(calls.keys)
    var tail = ByteText()
    tail.append(#"],"timeout":\#(calls.isTimeout),"epoch":\#(epoch.number),"time":""#)
    tail.appendTimestamp(epoch.time)
    tail.append(#"","watermark":"#)
    if let watermark = epoch.watermark {
      tail.append(UInt8(ascii: "\""))
      tail.appendTimestamp(watermark)
      tail.append(UInt8(ascii: "\""))
    } else {
      tail.append("null")
    }
    tail.append("}\n")
    self.tail = tail.bytes
  }

  /// Appends some of what is left: nothing when all is written.
  mutating func write(into text: inout ByteText) {
    while count < calls.count, text.count < CallLines.pieceBytes {
      if !isOpen { begin(&text) }
      let end = calls.starts[count + 1]
      while nextPlace < end, text.count < CallLines.pieceBytes {
        if nextPlace > calls.starts[count] { text.append(UInt8(ascii: ",")) }
        let place = calls.places[nextPlace]
        rows[Int(place.batch)].append(Int(place.row), to: &text)
        nextPlace += 1
      }
      guard nextPlace == end else { return }
      text.append(tail.span)
      isOpen = false
      count += 1
    }
  }

  private mutating func begin(_ text: inout ByteText) {
    isOpen = true
    text.append(#"{"key":"#)
    keys.append(count, to: &text)
    text.append(#","state":"#)
    if case .bytes(let states) = calls.states.storage, !calls.states.isNull(count) {
      text.append(states[count])
    } else {
      text.append("null")
    }
    text.append(#","rows":["#)
  }

  /// The key of a call, for people.
  func key(_ call: Int) -> String {
    var text = ByteText()
    keys.append(call, to: &text)
    return text.string.shortened
  }
}

extension String {
  /// A beginning that fits into a message.
  var shortened: String { count > 160 ? "\(prefix(160))…" : self }
}
