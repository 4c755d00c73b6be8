import Columnar
import Glibc

/// Functions of doubles.
enum RealFunction {
  static func unary(_ body: @escaping @Sendable (Double) -> Double) -> Kernel {
    Kernel { arguments in
      let column = arguments[0].column
      return Column(.double, .double(map(column.doubles) { body($0) }), validity: column.validity)
    }
  }

  /// Null where `isDefined` says no, as Spark's logarithms are.
  static func partial(
    _ isDefined: @escaping @Sendable (Double) -> Bool,
    _ body: @escaping @Sendable (Double) -> Double
  ) -> Kernel {
    Kernel { arguments in
      let values = arguments.doubles(0)
      return try arguments.makeDoubles { row in
        let value = values[row]
        return isDefined(value) ? body(value) : nil
      }
    }
  }

  static func binary(_ body: @escaping @Sendable (Double, Double) -> Double) -> Kernel {
    Kernel { arguments in
      let values = zip(arguments.doubles(0), arguments.doubles(1), count: arguments.rowCount) {
        body($0, $1)
      }
      return Column(.double, .double(values), validity: arguments.validity)
    }
  }

  /// `log(base, x)`: null unless both are above 0.
  static let logarithm = Kernel { arguments in
    let (bases, values) = (arguments.doubles(0), arguments.doubles(1))
    return try arguments.makeDoubles { row in
      let (base, value) = (bases[row], values[row])
      return base <= 0 || value <= 0 ? nil : log(value) / log(base)
    }
  }

  static let sign = unary { value in value > 0 ? 1 : value < 0 ? -1 : value }

  /// To the nearest integer, halves to the even one.
  static let rint = unary { $0.rounded(.toNearestOrEven) }

  /// With Java's rules for infinities and ones.
  static let power = binary { base, exponent in
    abs(base) == 1 && exponent.isInfinite || base == 1 && exponent.isNaN
      ? .nan : pow(base, exponent)
  }

  /// Of the size that Java's library gives, which is not correctly rounded either.
  static let hypotenuse = binary { hypot($0, $1) }

  static let isNaN = Kernel(propagatesNulls: false) { arguments in
    let column = arguments[0].column
    let nans: Bitmap =
      if case .float(let values) = column.storage {
        bits(values.count) { values[$0].isNaN }
      } else {
        bits(column.count) { column.doubles[$0].isNaN }
      }
    let known = column.validity.map { nans & $0 } ?? nans
    return Column(
      .boolean,
      .boolean(
        arguments[0].isConstant ? Bitmap(repeating: known[0], count: arguments.rowCount) : known))
  }

  static let factorial = Kernel { arguments in
    let values = arguments.int32s(0)
    return try arguments.makeInt64s { row in
      let value = values[row]
      return 0...20 ~= value ? (1...max(1, Int64(value))).reduce(1, *) : nil
    }
  }

  /// `width_bucket(value, low, high, buckets)`: 0 below, buckets + 1 above; null where the question
  /// makes no sense.
  static let widthBucket = Kernel { arguments in
    let (values, lows, highs) = (arguments.doubles(0), arguments.doubles(1), arguments.doubles(2))
    let counts = arguments.int64s(3)
    return try arguments.makeInt64s { row in
      let (value, low, high, count) = (values[row], lows[row], highs[row], counts[row])
      guard count > 0, count < .max, !value.isNaN, low != high, low.isFinite, high.isFinite
      else { return nil }
      let (least, most) = (min(low, high), max(low, high))
      if low < high {
        if value < least { return 0 }
        if value >= most { return count + 1 }
        return Int64(Double(count) * (value - least) / (most - least)) + 1
      }
      if value > most { return 0 }
      if value <= least { return count + 1 }
      return Int64(Double(count) * (most - value) / (most - least)) + 1
    }
  }
}
