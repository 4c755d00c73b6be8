package import Columnar
internal import Scalars

/// What a person reads when a field of a record is not what the schema says.
///
/// - Parameters:
///   - error: of the parsers in Scalars.
///   - column: the field's name.
///   - text: what stands there.
/// - Returns: such as `'price' is not an integer: byte 'x' at offset 3`, and where in `text` it
///   goes wrong.
package func describe(
  _ error: any Error, column: String, type: DataType, text: [UInt8]
) -> (message: String, offset: Int) {
  let subject = "'\(column)' is not \(type.noun)"
  switch fault(error) {
  case .byte(let byte, let offset):
    return ("\(subject): \(describe(byte: byte)) at offset \(offset)", offset)
  case .incomplete:
    return ("\(subject): \(quoted(text)) ends too early", text.count)
  case .overflow:
    return ("'\(column)' does not fit \(type.phrase): \(quoted(text))", 0)
  case .reason(let reason, let offset):
    return ("\(subject): \(reason): \(quoted(text))", offset)
  }
}

private enum Fault {
  case byte(UInt8, offset: Int)
  case incomplete
  case overflow
  case reason(String, offset: Int)
}

private func fault(_ error: any Error) -> Fault {
  switch error {
  case let error as IntegerError:
    switch error {
    case .empty: .incomplete
    case .notADigit(let byte, let offset): .byte(byte, offset: offset)
    case .overflow: .overflow
    }
  case let error as NumberError: fault(error)
  case let error as DecimalError:
    switch error {
    case .notANumber(let error): fault(error)
    case .overflow: .overflow
    }
  case let error as TimeError: fault(error)
  case let error as BooleanError:
    switch error {
    case .incomplete: .incomplete
    case .unexpected(let byte, let offset): .byte(byte, offset: offset)
    }
  default: .reason("\(error)", offset: 0)
  }
}

private func fault(_ error: NumberError) -> Fault {
  switch error {
  case .empty, .incomplete: .incomplete
  case .unexpected(let byte, let offset): .byte(byte, offset: offset)
  }
}

private func fault(_ error: TimeError) -> Fault {
  switch error {
  case .empty, .incomplete: .incomplete
  case .unexpected(let byte, let offset): .byte(byte, offset: offset)
  case .outOfRange(let field): .reason("there is no such \(field.rawValue)", offset: 0)
  case .unknownZone(let offset, _): .reason("no such time zone", offset: offset)
  case .overflow: .overflow
  }
}

/// Why a text is neither `true` nor `false`.
package enum BooleanError: Error, Equatable {
  case incomplete
  case unexpected(byte: UInt8, offset: Int)
}

/// Parses `true` or `false` in any case.
///
/// - Parameter text: `count` readable bytes.
@unsafe
package func parseBoolean(_ text: UnsafePointer<UInt8>, count: Int) throws(BooleanError) -> Bool {
  guard count > 0 else { throw .incomplete }
  let isTrue = unsafe text[0] | 0x20 == UInt8(ascii: "t")
  let word: StaticString = isTrue ? "true" : "false"
  for offset in 0..<count {
    let expected = unsafe offset < word.utf8CodeUnitCount ? word.utf8Start[offset] : 0
    guard unsafe text[offset] | 0x20 == expected else {
      throw .unexpected(byte: unsafe text[offset], offset: offset)
    }
  }
  guard count == word.utf8CodeUnitCount else { throw .incomplete }
  return isTrue
}

/// A field's text for a message: shortened, and printable.
package func quoted(_ text: [UInt8]) -> String {
  let limit = 40
  let head = String(decoding: text.prefix(limit), as: UTF8.self)
  let printable = head.unicodeScalars.map { scalar in
    scalar.properties.generalCategory == .control ? "\u{FFFD}" : String(scalar)
  }
  return "'\(printable.joined())\(text.count > limit ? "…" : "")'"
}

extension DataType {
  /// What a text of this type is called: `an integer`, `a timestamp`.
  fileprivate var noun: String {
    switch self {
    case .tinyint, .smallint, .int, .bigint: "an integer"
    case .float, .double, .decimal: "a number"
    case .boolean: "a boolean"
    default: phrase
    }
  }
}
