import Columnar

// SAFETY of the unchecked accesses below: a lane holds `count` values, or one that is read at 0.

/// One loop for every function of two values that cannot fail.
@inline(__always)
func zip<Left: BitwiseCopyable, Right: BitwiseCopyable, Result: BitwiseCopyable>(
  _ left: Lane<Left>, _ right: Lane<Right>, count: Int, _ body: (Left, Right) -> Result
) -> Buffer<Result> {
  precondition(left.reaches(count) && right.reaches(count))
  let (lefts, rights) = (left.values, right.values)
  return Buffer(count: count) { output in
    switch (left.isConstant, right.isConstant) {
    case (false, false):
      for slot in 0..<count {
        unsafe output.append(body(lefts[unchecked: slot], rights[unchecked: slot]))
      }
    case (false, true):
      let constant = rights[0]
      for slot in 0..<count { unsafe output.append(body(lefts[unchecked: slot], constant)) }
    case (true, false):
      let constant = lefts[0]
      for slot in 0..<count { unsafe output.append(body(constant, rights[unchecked: slot])) }
    case (true, true):
      output.append(repeating: body(lefts[0], rights[0]), count: count)
    }
  }
}

@inline(__always)
func map<Value: BitwiseCopyable, Result: BitwiseCopyable>(
  _ values: Buffer<Value>, _ body: (Value) -> Result
) -> Buffer<Result> {
  let count = values.count
  return Buffer(count: count) { output in
    for slot in 0..<count { unsafe output.append(body(values[unchecked: slot])) }
  }
}

/// One bit for each pair.
@inline(__always)
func zipBits<Left: BitwiseCopyable, Right: BitwiseCopyable>(
  _ left: Lane<Left>, _ right: Lane<Right>, count: Int, _ body: (Left, Right) -> Bool
) -> Bitmap {
  precondition(left.reaches(count) && right.reaches(count))
  let (lefts, rights) = (left.values, right.values)
  switch (left.isConstant, right.isConstant) {
  case (false, false):
    return bits(count) { slot in unsafe body(lefts[unchecked: slot], rights[unchecked: slot]) }
  case (false, true):
    let constant = rights[0]
    return bits(count) { slot in unsafe body(lefts[unchecked: slot], constant) }
  case (true, false):
    let constant = lefts[0]
    return bits(count) { slot in unsafe body(constant, rights[unchecked: slot]) }
  case (true, true): return Bitmap(repeating: body(lefts[0], rights[0]), count: count)
  }
}

@inline(__always)
func bits(_ count: Int, _ body: (Int) -> Bool) -> Bitmap {
  let words = Buffer<UInt64>(count: Bitmap.wordCount(count)) { output in
    for start in stride(from: 0, to: count / 64 * 64, by: 64) {
      var word: UInt64 = 0
      for bit in 0..<64 {
        word |= (body(start &+ bit) ? 1 : 0) &<< UInt64(truncatingIfNeeded: bit)
      }
      output.append(word)
    }
    if count % 64 > 0 {
      var word: UInt64 = 0
      for bit in 0..<count % 64 {
        word |= (body(count / 64 * 64 &+ bit) ? 1 : 0) &<< UInt64(truncatingIfNeeded: bit)
      }
      output.append(word)
    }
  }
  return Bitmap(words: words, count: count)
}

extension Lane {
  func reaches(_ count: Int) -> Bool { values.count >= (isConstant ? 1 : count) }
}

extension Arguments {
  /// Looks at the rows one by one after a loop has found that some row may have failed.
  ///
  /// - Parameter reason: why the row has no value; nil when it has one.
  /// - Returns: the validity of the result, in which rows that failed are null when trying.
  /// - Throws: `RowFailure` for the first row that fails, unless trying.
  func checked(_ valid: Bitmap?, _ reason: (Int) -> Reason?) throws -> Bitmap? {
    var result = ValidityBuilder()
    for row in 0..<rowCount {
      guard valid.map({ $0[row] }) ?? true else {
        result.appendNull()
        continue
      }
      guard let reason = reason(row) else {
        result.appendValid()
        continue
      }
      guard isTrying else { throw RowFailure(row: row, reason) }
      result.appendNull()
    }
    return result.take()
  }
}
