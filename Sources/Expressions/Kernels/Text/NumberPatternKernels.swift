import Columnar
import Diagnostics
import Scalars

/// `to_number`, `to_char` and `to_binary`.
enum FormatBinding {
  private static func pattern(_ call: CallBinder) throws -> NumberPattern? {
    if call[1].isConstantNull { return nil }
    guard let text = call.constantText(1) else {
      throw call.failure("\(call.name)(): the format is a constant", call[1].range)
    }
    do throws(PatternFault) {
      return try NumberPattern(text)
    } catch {
      throw call.failure("\(call.name)(): format '\(text)': \(error.message)", call[1].range)
    }
  }

  static func number(_ call: CallBinder, isTrying: Bool) throws -> Node {
    guard let pattern = try pattern(call) else {
      return Node.null(.decimal(precision: 10, scale: 0), range: call.range)
    }
    let text = try call.argument(0, .text)
    let kernel = Kernel(canFail: true) { arguments in
      let texts = arguments.strings(0)
      return try arguments.makeDecimals { row in
        guard let number = pattern.number(texts[row]) else {
          throw Reason(
            "INVALID_FORMAT.MISMATCH_INPUT",
            "'\(texts.string(row))' is not written as '\(pattern.text)'",
            hint: "try_to_number gives null instead")
        }
        return number
      }
    }
    return call.call(kernel, [text], pattern.type, isTrying: isTrying)
  }

  static func text(_ call: CallBinder) throws -> Node {
    switch call[0].type {
    case .date, .timestamp: return try PatternBinding.format(call)
    case .binary:
      return try bytes(call) { name in
        switch name {
        case "utf-8", "utf8": TextChecks.validated
        case "hex": TextForms.hexOfBytes
        case "base64": Encodings.base64
        default: nil
        }
      }
    default: break
    }
    guard let pattern = try pattern(call) else { return Node.null(.string, range: call.range) }
    var number = try call.argument(0, .number)
    if !number.type.isDecimal {
      let type: DataType =
        number.type.isInteger ? .decimal(precision: 20, scale: 0) : exactDecimal(pattern)
      number = try call.binder.converted(number, to: type)
    }
    let scale = number.type.decimalForm?.scale ?? 0
    let kernel = Kernel { arguments in
      let values = arguments.decimals(0)
      return try arguments.makeStrings { row, output in
        pattern.append(values[row], scale: scale, to: &output)
        return true
      }
    }
    return call.call(kernel, [number], .string)
  }

  /// Enough digits behind the point to see whether a double has more than the format.
  private static func exactDecimal(_ pattern: NumberPattern) -> DataType {
    .decimal(precision: 38, scale: min(18, pattern.fractionCount + 10))
  }

  /// - Parameter kernel: for the name of a format, in small letters.
  static func bytes(
    _ call: CallBinder, isTrying: Bool = false, type: DataType = .string,
    _ kernel: (String) -> Kernel?
  ) throws -> Node {
    if call.count > 1, call[1].isConstantNull { return Node.null(type, range: call.range) }
    let name = call.count > 1 ? call.constantText(1)?.lowercased() : "hex"
    guard let name, let kernel = kernel(name) else {
      if isTrying, name != nil { return Node.null(type, range: call.range) }
      throw call.failure(
        "\(call.name)(): the format is 'hex', 'utf-8' or 'base64'",
        call[min(1, call.count - 1)].range)
    }
    let source = try call.argument(0, type == .binary ? .text : .binary)
    return call.call(kernel, [source], type, isTrying: isTrying)
  }

  static func binary(_ call: CallBinder, isTrying: Bool) throws -> Node {
    try bytes(call, isTrying: isTrying, type: .binary) { name in
      switch name {
      case "utf-8", "utf8":
        Kernel { Column(.binary, $0[0].column.storage, validity: $0[0].column.validity) }
      case "hex": hexadecimal
      case "base64": base64
      default: nil
      }
    }
  }

  private static func malformed(_ text: String, _ form: String) -> Reason {
    Reason(
      "CONVERSION_INVALID_INPUT", "'\(text.prefix(60))' is not \(form)",
      hint: "try_to_binary gives null instead")
  }

  private static let hexadecimal = Kernel(canFail: true) { arguments in
    let texts = arguments.strings(0)
    return try arguments.makeStrings { row, output in
      let text = texts[row]
      // An odd first digit is a byte of its own.
      var byte: UInt32 = 0
      for index in text.indices {
        guard let digit = hexadecimalDigit(text[index]) else {
          throw malformed(texts.string(row), "hexadecimal")
        }
        byte = byte << 4 | digit
        if (text.count - index) % 2 == 1 {
          output.append(UInt8(truncatingIfNeeded: byte))
          byte = 0
        }
      }
      return true
    }
  }

  /// As `unbase64`, but for padding in the wrong place.
  private static let base64 = Kernel(canFail: true) { arguments in
    let texts = arguments.strings(0)
    return try arguments.makeStrings { row, output in
      let text = texts.string(row)
      let body = text.filter { !$0.isWhitespace }
      let digits = body.prefix { $0 != "=" }
      let padding = body.dropFirst(digits.count)
      let isSound =
        padding.allSatisfy { $0 == "=" } && digits.count % 4 != 1
        && (padding.isEmpty || body.count % 4 == 0 && padding.count <= 2)
      guard isSound, Encodings.append(bytesOfBase64: texts[row], to: &output) else {
        throw malformed(text, "base 64")
      }
      return true
    }
  }
}
