import Columnar

/// AND and OR over any number of operands, in three-valued logic.
enum Connective {
  case and
  case or

  /// The rows that are known to be true and those known to be false; the others are null.
  private struct Truth {
    var trues: Bitmap
    var falses: Bitmap
  }

  /// Operands that fail are computed for the rows alone that the operands before have not settled.
  func evaluate(_ operands: [Node], in frame: Frame) throws -> Vector {
    let count = frame.rowCount
    var result = try truth(of: operands[0].evaluate(in: frame), count: count)
    for operand in operands.dropFirst() {
      let settled = self == .and ? result.falses : result.trues
      if settled.isAllSet { break }
      let truth = try truth(of: operand, settled, in: frame)
      switch self {
      case .and:
        result.trues = result.trues & truth.trues
        result.falses = result.falses | truth.falses
      case .or:
        result.trues = result.trues | truth.trues
        result.falses = result.falses & truth.falses
      }
    }
    let isKnown = result.trues.setCount + result.falses.setCount == count
    let validity = isKnown ? nil : result.trues | result.falses
    return Vector(Column(.boolean, .boolean(result.trues), validity: validity))
  }

  /// - Parameter settled: rows that need no more; the result leaves them as they are.
  private func truth(of operand: Node, _ settled: Bitmap, in frame: Frame) throws -> Truth {
    let count = frame.rowCount
    // Where most rows are settled, gathering the others costs less than computing all.
    let isSparse = settled.setCount > count - count / 8 && !operand.isCheap
    if !isSparse {
      do {
        return try truth(of: operand.evaluate(in: frame), count: count)
      } catch let failure as RowFailure {
        if settled.setCount == 0 { throw failure }
      }
    }
    let rows = (~settled).setIndices()
    let part = try truth(of: operand.evaluate(rows, of: frame), count: rows.count)
    var truth = Truth(
      trues: part.trues.scattered(to: rows, count: count),
      falses: part.falses.scattered(to: rows, count: count))
    if self == .and { truth.falses = truth.falses | settled }
    if self == .or { truth.trues = truth.trues | settled }
    return truth
  }

  private func truth(of vector: Vector, count: Int) -> Truth {
    if vector.isConstant {
      let isNull = vector.column.isNull(0)
      let isTrue = !isNull && vector.column.booleans[0]
      return Truth(
        trues: Bitmap(repeating: isTrue, count: count),
        falses: Bitmap(repeating: !isTrue && !isNull, count: count))
    }
    let bits = vector.column.booleans
    guard let validity = vector.column.validity else { return Truth(trues: bits, falses: ~bits) }
    return Truth(trues: bits & validity, falses: validity - bits)
  }
}

extension Bitmap {
  /// Bits at `rows` of a larger bitmap of zeros.
  func scattered(to rows: Buffer<Int32>, count: Int) -> Bitmap {
    var words = MutableBuffer<UInt64>(capacity: Bitmap.wordCount(count))
    words.append(repeating: 0, count: Bitmap.wordCount(count))
    for slot in 0..<rows.count where self[slot] {
      let index = Int(rows[slot])
      words[index >> 6] |= 1 << UInt64(index & 63)
    }
    return Bitmap(words: words.take(), count: count)
  }
}
