import Columnar

// Pointers, not closures inside closures: so that the optimiser sees one plain loop and makes
// vector instructions of it.
// SAFETY of the accesses below: a lane holds `count` values, or one that is read at 0; the target
// has room for `count`.

/// One loop for every function of two values that cannot fail.
@inline(__always)
func zip<Left: BitwiseCopyable, Right: BitwiseCopyable, Result: BitwiseCopyable>(
  _ left: Lane<Left>, _ right: Lane<Right>, count: Int, _ body: (Left, Right) -> Result
) -> Buffer<Result> {
  precondition(left.reaches(count) && right.reaches(count))
  let memory = Memory(byteCount: count &* MemoryLayout<Result>.stride)
  let target = unsafe memory.pointer(to: Result.self)
  let (lefts, rights) = unsafe (left.values.pointer, right.values.pointer)
  switch (left.isConstant, right.isConstant) {
  case (false, false):
    for slot in 0..<count { unsafe target[slot] = body(lefts[slot], rights[slot]) }
  case (false, true):
    let constant = unsafe rights[0]
    for slot in 0..<count { unsafe target[slot] = body(lefts[slot], constant) }
  case (true, false):
    let constant = unsafe lefts[0]
    for slot in 0..<count { unsafe target[slot] = body(constant, rights[slot]) }
  case (true, true):
    let result = unsafe body(lefts[0], rights[0])
    for slot in 0..<count { unsafe target[slot] = result }
  }
  return unsafe Buffer(owner: memory, base: UnsafeMutableRawPointer(target), count: count)
}

@inline(__always)
func map<Value: BitwiseCopyable, Result: BitwiseCopyable>(
  _ values: Buffer<Value>, _ body: (Value) -> Result
) -> Buffer<Result> {
  let count = values.count
  let memory = Memory(byteCount: count &* MemoryLayout<Result>.stride)
  let target = unsafe memory.pointer(to: Result.self)
  let source = unsafe values.pointer
  for slot in 0..<count { unsafe target[slot] = body(source[slot]) }
  return unsafe Buffer(owner: memory, base: UnsafeMutableRawPointer(target), count: count)
}

/// One bit for each pair.
@inline(__always)
func zipBits<Left: BitwiseCopyable, Right: BitwiseCopyable>(
  _ left: Lane<Left>, _ right: Lane<Right>, count: Int, _ body: (Left, Right) -> Bool
) -> Bitmap {
  precondition(left.reaches(count) && right.reaches(count))
  let (lefts, rights) = unsafe (left.values.pointer, right.values.pointer)
  switch (left.isConstant, right.isConstant) {
  case (false, false): return bits(count) { slot in unsafe body(lefts[slot], rights[slot]) }
  case (false, true):
    let constant = unsafe rights[0]
    return bits(count) { slot in unsafe body(lefts[slot], constant) }
  case (true, false):
    let constant = unsafe lefts[0]
    return bits(count) { slot in unsafe body(constant, rights[slot]) }
  case (true, true): return Bitmap(repeating: unsafe body(lefts[0], rights[0]), count: count)
  }
}

@inline(__always)
func bits(_ count: Int, _ body: (Int) -> Bool) -> Bitmap {
  let wordCount = Bitmap.wordCount(count)
  let memory = Memory(byteCount: wordCount &* 8)
  let target = unsafe memory.pointer(to: UInt64.self)
  for index in 0..<count / 64 {
    let start = index &* 64
    var word: UInt64 = 0
    for bit in 0..<64 {
      word |= (body(start &+ bit) ? 1 : 0) &<< UInt64(truncatingIfNeeded: bit)
    }
    unsafe target[index] = word
  }
  if count % 64 > 0 {
    let start = count / 64 * 64
    var word: UInt64 = 0
    for bit in 0..<count % 64 {
      word |= (body(start &+ bit) ? 1 : 0) &<< UInt64(truncatingIfNeeded: bit)
    }
    unsafe target[wordCount - 1] = word
  }
  let base = UnsafeMutableRawPointer(target)
  return unsafe Bitmap(words: Buffer(owner: memory, base: base, count: wordCount), count: count)
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
