import Columnar
import Glibc

extension Function {
  private static func real(
    _ names: String..., usage: String, _ summary: String, _ example: String,
    _ body: @escaping @Sendable (Double) -> Double
  ) -> Function {
    let kernel = RealFunction.unary(body)
    return Function(
      names: names, category: .arithmetic, usage: usage, summary: summary, example: example,
      arity: 1...1,
      meaning: .scalar { call in call.call(kernel, [try call.argument(0, .double)], .double) })
  }

  static let mathFunctions: [Function] = [
    Function(
      "abs", in: .arithmetic, "abs(number)", "without its sign", "abs(-5)", count: 1...1,
      bind: Magnitude.bind),
    Function(
      "sign", "signum", in: .arithmetic, "sign(number)", "-1, 0 or 1, of intervals too",
      "sign(-3.5)", count: 1...1
    ) { call in
      guard call[0].type.isInterval else {
        return call.call(RealFunction.sign, [try call.argument(0, .double)], .double)
      }
      let amount = Kernel { arguments in
        let column = arguments[0].column
        return try arguments.makeDoubles { Double(column.integer($0).signum()) }
      }
      return call.call(amount, [call[0]], .double)
    },
    Function(
      "negative", in: .arithmetic, "negative(number)", "with the other sign", "negative(5)",
      count: 1...1
    ) { try $0.binder.unary(.minus, $0[0], $0.range) },
    Function(
      "positive", in: .arithmetic, "positive(number)", "as it is", "positive(5)", count: 1...1
    ) { try $0.binder.unary(.plus, $0[0], $0.range) },
    Function(
      "mod", in: .arithmetic, "mod(a, b)", "the remainder, with the sign of a", "mod(-7, 3)",
      count: 2...2
    ) { try operation(.remainder, $0) },
    Function(
      "pmod", in: .arithmetic, "pmod(a, b)", "the remainder, not negative", "pmod(-7, 3)",
      count: 2...2
    ) { try operation(.positiveRemainder, $0) },
    Function(
      "try_add", in: .arithmetic, "try_add(a, b)", "the sum, null on overflow",
      "try_add(2147483647, 1)", count: 2...2
    ) { try operation(.add, $0, isTrying: true) },
    Function(
      "try_subtract", in: .arithmetic, "try_subtract(a, b)", "the difference, null on overflow",
      "try_subtract(1, 2)", count: 2...2
    ) { try operation(.subtract, $0, isTrying: true) },
    Function(
      "try_multiply", in: .arithmetic, "try_multiply(a, b)", "the product, null on overflow",
      "try_multiply(2, 3)", count: 2...2
    ) { try operation(.multiply, $0, isTrying: true) },
    Function(
      "try_divide", in: .arithmetic, "try_divide(a, b)", "the quotient, null when b is 0",
      "try_divide(1, 0)", count: 2...2
    ) { try operation(.divide, $0, isTrying: true) },
    Function(
      "try_mod", in: .arithmetic, "try_mod(a, b)", "the remainder, null when b is 0",
      "try_mod(1, 0)", count: 2...2
    ) { try operation(.remainder, $0, isTrying: true) },
    Function(
      "round", in: .arithmetic, "round(number[, digits])", "halves go away from zero",
      "round(2.5)", count: 1...2
    ) { try rounded(.halfUp, $0) },
    Function(
      "bround", in: .arithmetic, "bround(number[, digits])", "halves go to the even neighbour",
      "bround(2.5)", count: 1...2
    ) { try rounded(.halfEven, $0) },
    Function(
      "floor", in: .arithmetic, "floor(number[, digits])", "rounded down", "floor(-0.5)",
      count: 1...2
    ) { try WholePart.bind(.floor, $0) },
    Function(
      "ceil", "ceiling", in: .arithmetic, "ceil(number[, digits])", "rounded up", "ceil(0.5)",
      count: 1...2
    ) { try WholePart.bind(.ceiling, $0) },
    Function(
      "rint", in: .arithmetic, "rint(number)", "the nearest integer, as a double", "rint(2.5)",
      takes: [.double], gives: .double, RealFunction.rint),
    real("sqrt", usage: "sqrt(x)", "the square root", "sqrt(2)") { $0.squareRoot() },
    real("cbrt", usage: "cbrt(x)", "the cube root", "cbrt(27)") { cbrt($0) },
    real("exp", usage: "exp(x)", "e to the power of x", "exp(1)") { exp($0) },
    real("expm1", usage: "expm1(x)", "exp(x) - 1, exact near 0", "expm1(0)") { expm1($0) },
    real("sin", usage: "sin(x)", "the sine of radians", "sin(0)") { sin($0) },
    real("cos", usage: "cos(x)", "the cosine of radians", "cos(0)") { cos($0) },
    real("tan", usage: "tan(x)", "the tangent of radians", "tan(1)") { tan($0) },
    real("cot", usage: "cot(x)", "the cotangent of radians", "cot(1)") { 1 / tan($0) },
    real("sec", usage: "sec(x)", "1 / cos(x)", "sec(0)") { 1 / cos($0) },
    real("csc", usage: "csc(x)", "1 / sin(x)", "csc(1)") { 1 / sin($0) },
    real("asin", usage: "asin(x)", "the arc sine", "asin(1)") { asin($0) },
    real("acos", usage: "acos(x)", "the arc cosine", "acos(1)") { acos($0) },
    real("atan", usage: "atan(x)", "the arc tangent", "atan(1)") { atan($0) },
    real("sinh", usage: "sinh(x)", "the hyperbolic sine", "sinh(1)") { sinh($0) },
    real("cosh", usage: "cosh(x)", "the hyperbolic cosine", "cosh(1)") { cosh($0) },
    real("tanh", usage: "tanh(x)", "the hyperbolic tangent", "tanh(1)") { tanh($0) },
    real("asinh", usage: "asinh(x)", "the inverse hyperbolic sine", "asinh(0)") { asinh($0) },
    real("acosh", usage: "acosh(x)", "the inverse hyperbolic cosine", "acosh(1)") { acosh($0) },
    real("atanh", usage: "atanh(x)", "the inverse hyperbolic tangent", "atanh(0)") { atanh($0) },
    real("degrees", usage: "degrees(x)", "radians in degrees", "degrees(0)") { $0 * 180 / .pi },
    real("radians", usage: "radians(x)", "degrees in radians", "radians(180)") { $0 / 180 * .pi },
    Function(
      "pow", "power", in: .arithmetic, "pow(base, exponent)", "a power", "pow(2, 10)",
      takes: [.double, .double], gives: .double, RealFunction.power),
    Function(
      "atan2", in: .arithmetic, "atan2(y, x)", "the angle of a point", "atan2(1, 1)",
      takes: [.double, .double], gives: .double,
      RealFunction.binary { atan2($0 + 0, $1 + 0) }),
    Function(
      "hypot", in: .arithmetic, "hypot(a, b)", "the length of a diagonal", "hypot(3, 4)",
      takes: [.double, .double], gives: .double, RealFunction.hypotenuse),
    Function(
      "ln", in: .arithmetic, "ln(x)", "the natural logarithm; null up to 0", "ln(1)",
      takes: [.double], gives: .double, RealFunction.partial({ !($0 <= 0) }) { log($0) }),
    Function(
      "log", in: .arithmetic, "log([base, ]x)", "the logarithm, natural without a base",
      "log(2, 8)", count: 1...2
    ) { call in
      let values = try call.arguments.indices.map { try call.argument($0, .double) }
      let natural = RealFunction.partial({ !($0 <= 0) }) { log($0) }
      return call.call(values.count == 1 ? natural : RealFunction.logarithm, values, .double)
    },
    Function(
      "log10", in: .arithmetic, "log10(x)", "the logarithm to base 10; null up to 0",
      "log10(1000)", takes: [.double], gives: .double,
      RealFunction.partial({ !($0 <= 0) }) { log10($0) }),
    Function(
      "log2", in: .arithmetic, "log2(x)", "the logarithm to base 2; null up to 0", "log2(8)",
      takes: [.double], gives: .double,
      RealFunction.partial({ !($0 <= 0) }) { log($0) / log(2) }),
    Function(
      "log1p", in: .arithmetic, "log1p(x)", "ln(1 + x), exact near 0; null up to -1", "log1p(0)",
      takes: [.double], gives: .double, RealFunction.partial({ !($0 <= -1) }) { log1p($0) }),
    Function("pi", in: .arithmetic, "pi()", "π", "pi()", takes: [], gives: .double, constant(.pi)),
    Function(
      "e", in: .arithmetic, "e()", "Euler's number", "e()", takes: [], gives: .double,
      constant(M_E)),
    Function(
      "factorial", in: .arithmetic, "factorial(n)", "n!; null beyond 20", "factorial(5)",
      takes: [.int], gives: .bigint, RealFunction.factorial),
    Function(
      "width_bucket", in: .arithmetic, "width_bucket(value, low, high, buckets)",
      "which of equal ranges it falls into", "width_bucket(5.3, 0.2, 10.6, 5)",
      takes: [.double, .double, .double, .bigint], gives: .bigint, RealFunction.widthBucket),
    Function(
      "isnan", in: .arithmetic, "isnan(x)", "whether it is not a number", "isnan(1)",
      takes: [.double], gives: .boolean, RealFunction.isNaN),
    Function(
      "bit_count", in: .arithmetic, "bit_count(number)", "how many bits are 1", "bit_count(7)",
      count: 1...1, bind: BitQuestions.bindCount),
    Function(
      "bit_get", "getbit", in: .arithmetic, "bit_get(number, place)", "one bit, from the right",
      "bit_get(5, 2)", takes: [.bigint, .int], gives: .tinyint, BitQuestions.get),
    Function(
      "shiftleft", in: .arithmetic, "shiftleft(number, count)", "number << count",
      "shiftleft(1, 3)", count: 2...2
    ) { try $0.binder.binary(.shiftLeft, $0[0], $0[1], $0.range) },
    Function(
      "shiftright", in: .arithmetic, "shiftright(number, count)", "number >> count",
      "shiftright(8, 1)", count: 2...2
    ) { try $0.binder.binary(.shiftRight, $0[0], $0[1], $0.range) },
    Function(
      "shiftrightunsigned", in: .arithmetic, "shiftrightunsigned(number, count)",
      "number >>> count", "shiftrightunsigned(-1, 28)", count: 2...2
    ) { try $0.binder.binary(.shiftRightUnsigned, $0[0], $0[1], $0.range) },
  ]

  private static func constant(_ value: Double) -> Kernel {
    Kernel { Column(.double, .double(Buffer(repeating: value, count: $0.rowCount))) }
  }

  private static func rounded(_ rule: Rounding, _ call: CallBinder) throws -> Node {
    let digits = call.count > 1 ? try ConstantArgument.int(1, of: call) : 0
    return rule.bind(try call.argument(0, .number), digits: digits, call)
  }

  private static func operation(
    _ operation: ArithmeticOperation, _ call: CallBinder, isTrying: Bool = false
  ) throws -> Node {
    if call[0].type.isTemporal || call[1].type.isTemporal {
      let signs: [BinaryOperator] = [.add, .subtract, .multiply, .divide]
      for sign in signs where ArithmeticOperation(sign) == operation {
        if let node = try call.binder.temporal(sign, call[0], call[1], call.range) { return node }
      }
    }
    return try call.binder.arithmetic(
      operation, call[0], call[1], isTrying: isTrying, call.range
    ) { call[0].type.isNumeric ? call.misfit(1, "numbers") : call.misfit(0, "numbers") }
  }
}
