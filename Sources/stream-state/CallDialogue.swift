import Columnar
import Connectors
import Diagnostics
import Formats
import Operators
import Scalars

/// Says calls to a program, and reads its answers: a line for each, in the same order.
final class CallDialogue: ProgramDialogue {
  /// What the program says is no answer.
  enum Fault: Error {
    case wrong(JSONAnswerFault)
    /// More than it was asked for.
    case surplus(String)
    case tooLong
  }

  private var lines: CallLines
  private var answers = AnswerLines()
  private let callCount: Int
  private let parser: JSONAnswerParser
  private let take: (ProgramAnswers) throws -> Void
  private let pause: (Int) throws -> Void
  /// Calls that were answered.
  private(set) var answeredCount = 0

  /// As many answers are read at once as are about so long together.
  private static let pieceBytes = 512 << 10

  /// - Parameters:
  ///   - take: is given the answers.
  ///   - pause: told for how many ms nothing has moved.
  init(
    _ lines: CallLines, count: Int, _ parser: JSONAnswerParser,
    take: @escaping (ProgramAnswers) throws -> Void, pause: @escaping (Int) throws -> Void
  ) {
    self.lines = lines
    callCount = count
    self.parser = parser
    self.take = take
    self.pause = pause
  }

  /// The key that is to be answered for next.
  var openKey: String { lines.key(min(answeredCount, callCount - 1)) }

  func send(into text: inout ByteText) { lines.write(into: &text) }

  func receive(_ bytes: Span<UInt8>) throws -> Bool {
    answers.append(bytes)
    if answers.isTooLong { throw Fault.tooLong }
    let isComplete = answeredCount + answers.count >= lines.count
    if isComplete || answers.byteCount >= CallDialogue.pieceBytes { try readAnswers() }
    return answeredCount < callCount
  }

  func wait(_ milliseconds: Int) throws -> Bool {
    // What is wrong with an answer must not wait for the next one.
    try readAnswers()
    try pause(milliseconds)
    return answeredCount < callCount
  }

  /// Reads the lines that are whole.
  func readAnswers() throws {
    let asked = lines.count - answeredCount
    guard answers.count > 0 else {
      if asked == 0, answers.isOpen { throw Fault.surplus(answers.excerpt) }
      return
    }
    let count = answers.count
    let text = answers.take()
    let read: JSONAnswers
    do throws(JSONAnswerFault) {
      read = try parser.parse(text)
    } catch {
      // What nobody has asked for may be anything.
      if error.line >= asked { throw Fault.surplus(excerpt(error.text)) }
      answeredCount += error.line
      throw Fault.wrong(error)
    }
    if count > asked {
      let line = text.elements.split(separator: 0x0A).dropFirst(asked).first ?? []
      throw Fault.surplus(excerpt(Array(line)))
    }
    answeredCount += count
    try take(ProgramAnswers(states: read.values, rows: read.rows))
    if answeredCount == lines.count, answers.isOpen { throw Fault.surplus(answers.excerpt) }
  }

  private func excerpt(_ bytes: [UInt8]) -> String {
    String(decoding: bytes.prefix(400), as: UTF8.self).shortened
  }
}
