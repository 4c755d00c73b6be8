import Columnar
import Scalars

extension Cast {
  static func fromText(to target: DataType) -> Kernel? {
    switch target {
    case .boolean:
      return Kernel(canFail: true) { arguments in
        let texts = arguments.strings(0)
        return try arguments.makeBooleans { row in
          guard let value = boolean(texts[row]) else { throw invalid(texts, row, target) }
          return value
        }
      }
    case .tinyint, .smallint, .int, .bigint: return integer(target)
    case .double:
      return Kernel(canFail: true) { arguments in
        let texts = arguments.strings(0)
        return try arguments.makeDoubles { row in
          do { return try parseSQLDouble(texts[row]) } catch { throw invalid(texts, row, target) }
        }
      }
    case .float: return float
    case .decimal(let precision, let scale):
      return Kernel(canFail: true) { arguments in
        let texts = arguments.strings(0)
        return try arguments.makeDecimals { row in
          do throws(DecimalError) {
            do throws(DecimalError) {
              return try parseSQLDecimal(texts[row], precision: precision, scale: scale)
            } catch .notANumber(let reason) {
              guard let digits = latinDigits(texts.string(row)) else {
                throw .notANumber(reason)
              }
              return try parseSQLDecimal(digits.span, precision: precision, scale: scale)
            }
          } catch .overflow {
            if let size = try? parseSQLDouble(texts[row]), size.magnitude >= 1e38 {
              throw Reason(
                "NUMERIC_OUT_OF_SUPPORTED_RANGE",
                "'\(texts.string(row).prefix(60))' has more digits than any decimal")
            }
            throw Reason.doesNotFit(target, texts.string(row))
          } catch {
            throw invalid(texts, row, target)
          }
        }
      }
    case .binary:
      return Kernel { Column(.binary, $0[0].column.storage, validity: $0[0].column.validity) }
    case .date:
      return Kernel(canFail: true) { arguments in
        let texts = arguments.strings(0)
        return try arguments.makeInt32s { row in
          do { return try parseDate(texts[row]) } catch { throw invalid(texts, row, target) }
        }
      }
    case .timestamp: return timestamp(ignoringZones: false)
    case .dayTimeInterval, .yearMonthInterval: return interval(target)
    case .void, .string, .array, .map, .structure: return nil
    }
  }

  /// The text with the decimal digits of all scripts as those of ASCII; nil when it has no others.
  private static func latinDigits(_ text: String) -> [UInt8]? {
    guard !text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
    var digits: [UInt8] = []
    for scalar in text.unicodeScalars {
      if scalar.properties.numericType == .decimal, let value = scalar.properties.numericValue {
        digits.append(0x30 + UInt8(value))
      } else {
        digits += Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      }
    }
    return digits
  }

  /// A text that is only a time of day is one of the day on which the epoch was opened.
  ///
  /// - Parameter ignoresZones: for timestamps without a zone.
  static func timestamp(ignoringZones ignoresZones: Bool) -> Kernel {
    Kernel(canFail: true) { arguments in
      let texts = arguments.strings(0)
      var parser = TimestampParser(ignoringZones: ignoresZones)
      // Constants are computed before there is an epoch, unless they fail.
      let now = arguments.context.now
      parser.today =
        now == 0 || ignoresZones ? nil : Int32(truncatingIfNeeded: splitTimestamp(now).days)
      return try arguments.makeInt64s { row in
        do { return try parser.parse(texts[row]) } catch { throw invalid(texts, row, .timestamp) }
      }
    }
  }

  private static func invalid(_ texts: StringLane, _ row: Int, _ type: DataType) -> Reason {
    .invalidInput(texts.string(row), type)
  }

  private static func integer(_ target: DataType) -> Kernel {
    let bounds: ClosedRange<Int64> =
      switch target {
      case .tinyint: Int64(Int8.min)...Int64(Int8.max)
      case .smallint: Int64(Int16.min)...Int64(Int16.max)
      case .int: Int64(Int32.min)...Int64(Int32.max)
      default: Int64.min...Int64.max
      }
    return Kernel(canFail: true) { arguments in
      let texts = arguments.strings(0)
      let wide = try Arguments(
        vectors: arguments.vectors, type: .bigint, rowCount: arguments.rowCount,
        isTrying: arguments.isTrying, context: arguments.context
      ).makeInt64s { row in
        guard let value = try? parseSQLInteger(texts[row]), bounds.contains(value) else {
          throw invalid(texts, row, target)
        }
        return value
      }
      let storage: Storage =
        switch target {
        case .tinyint: .int8(map(wide.int64s) { Int8(truncatingIfNeeded: $0) })
        case .smallint: .int16(map(wide.int64s) { Int16(truncatingIfNeeded: $0) })
        case .int: .int32(map(wide.int64s) { Int32(truncatingIfNeeded: $0) })
        default: wide.storage
        }
      return Column(target, storage, validity: wide.validity)
    }
  }

  private static let float = Kernel(canFail: true) { arguments in
    let texts = arguments.strings(0)
    var values = MutableBuffer<Float>(capacity: arguments.rowCount)
    values.append(repeating: 0, count: arguments.rowCount)
    let valid = try arguments.checked(arguments.validity) { row in
      guard let value = try? parseSQLFloat(texts[row]) else { return invalid(texts, row, .float) }
      values[row] = value
      return nil
    }
    return Column(.float, .float(values.take()), validity: valid)
  }

  /// `t`, `true`, `y`, `yes`, `1` and their opposites, in any case.
  private static func boolean(_ text: Span<UInt8>) -> Bool? {
    let range = trimmed(text)
    guard range.count > 0, range.count <= 5 else { return nil }
    var word: UInt64 = 0
    for offset in range {
      let byte = text[offset]
      let isCapital = byte &- UInt8(ascii: "A") < 26
      word = word << 8 | UInt64(isCapital ? byte | 0x20 : byte)
    }
    switch word {
    case 0x74, 0x7472_7565, 0x79, 0x0079_6573, 0x31: return true
    case 0x66, 0x66_616C_7365, 0x6E, 0x6E6F, 0x30: return false
    default: return nil
    }
  }

  private static func trimmed(_ text: Span<UInt8>) -> Range<Int> {
    unsafe text.withUnsafeBufferPointer { bytes in
      guard let start = bytes.baseAddress else { return 0..<0 }
      return unsafe trimmedRange(start, count: bytes.count)
    }
  }

  private static func interval(_ target: DataType) -> Kernel {
    Kernel(canFail: true) { arguments in
      let texts = arguments.strings(0)
      if target == .yearMonthInterval {
        return try arguments.makeInt32s { row in
          guard let months = IntervalText.months(texts.string(row)) else {
            throw invalid(texts, row, target)
          }
          return months
        }
      }
      return try arguments.makeInt64s { row in
        guard let value = IntervalText.microseconds(texts.string(row), .dayToSecond) else {
          throw invalid(texts, row, target)
        }
        return value
      }
    }
  }
}

/// Dates and timestamps in literals.
enum DateText {
  static func days(_ text: String) -> Int32? {
    let bytes = Array(text.utf8)
    return try? parseDate(bytes.span)
  }

  static func microseconds(_ text: String) -> Int64? {
    let bytes = Array(text.utf8)
    var parser = TimestampParser()
    return try? parser.parse(bytes.span)
  }
}
