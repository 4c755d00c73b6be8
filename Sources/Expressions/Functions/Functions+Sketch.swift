import Columnar
import Diagnostics
import Scalars

extension Function {
  static let sketchFunctions: [Function] = [
    Function(
      "hll_sketch_estimate", in: .other, "hll_sketch_estimate(sketch)",
      "about how many different values are in a sketch of hll_sketch_agg",
      "hll_sketch_estimate(X'0201070C030802082BF2FB06C1E91705')", count: 1...1
    ) { call in
      call.call(SketchKernels.estimate, [try sketch(call, 0)], .bigint)
    },
    Function(
      "hll_union", in: .other, "hll_union(sketch, sketch[, allowDifferentLgConfigK])",
      "the sketch of the values of both; with different numbers of registers only if it is said "
        + "that they may have them",
      "hll_sketch_estimate(hll_union(X'0201070C030801082BF2FB06', X'0201070C03080108C1E91705'))",
      count: 2...3
    ) { call in
      var arguments = [try sketch(call, 0), try sketch(call, 1)]
      if call.count > 2 { arguments.append(try call.argument(2, .boolean)) }
      return call.call(SketchKernels.union, arguments, .binary)
    },
  ]

  private static func sketch(_ call: CallBinder, _ index: Int) throws -> Node {
    guard call[index].type == .binary || call[index].type == .void else {
      throw call.misfit(index, "a sketch, which is a binary")
    }
    return try call.argument(index, .binary)
  }
}
