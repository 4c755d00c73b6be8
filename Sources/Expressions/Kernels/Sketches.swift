import Columnar
import Scalars

/// What is made of the sketches of `hll_sketch_agg`.
enum SketchKernels {
  static let estimate = Kernel(canFail: true) { arguments in
    let sketches = arguments.strings(0)
    return try arguments.makeInt64s { row in try sketch(sketches[row]).estimate }
  }

  static let union = Kernel(canFail: true) { arguments in
    let (left, right) = (arguments.strings(0), arguments.strings(1))
    return try arguments.makeStrings { row, output in
      let mixes = arguments.count > 2 && arguments.boolean(2, row)
      var sketch = try SketchKernels.sketch(left[row])
      let other = try SketchKernels.sketch(right[row])
      guard mixes || sketch.precision == other.precision else {
        throw Reason(
          "HLL_UNION_DIFFERENT_LG_K",
          "one sketch has 2^\(sketch.precision) registers, the other 2^\(other.precision)",
          hint: "hll_union(a, b, true) gives one with the lesser number")
      }
      sketch.unite(with: other)
      let bytes = sketch.bytes
      output.append(contentsOf: bytes.span)
      return true
    }
  }

  private static func sketch(_ bytes: Span<UInt8>) throws -> DistinctSketch {
    do throws(SketchDamage) {
      return try DistinctSketch(bytes)
    } catch {
      throw Reason(
        "HLL_INVALID_INPUT_SKETCH_BUFFER", "this is no sketch of hll_sketch_agg(): \(error.message)"
      )
    }
  }
}
