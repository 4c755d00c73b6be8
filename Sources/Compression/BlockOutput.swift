import CKernels
import Columnar

/// What a block has been decoded to so far; later sequences refer to it.
///
/// Whole vectors are copied to where the output ends: what was copied too much is overwritten by the
/// next, or lies in the slack that every block of memory has.
@safe struct BlockOutput {
  let memory: Memory
  private let base: UnsafeMutablePointer<UInt8>
  let capacity: Int
  private(set) var count = 0

  /// - Parameter byteCount: what the block holds; the memory has as many bytes, or more.
  init(_ memory: Memory, byteCount: Int) {
    precondition(byteCount <= memory.byteCount)
    self.memory = memory
    let bytes = unsafe memory.mutableBytes.bindMemory(to: UInt8.self)
    // An empty block still has an address: slack follows its end.
    unsafe base = bytes.baseAddress.unsafelyUnwrapped
    capacity = byteCount
  }

  var isFull: Bool { count == capacity }

  /// Appends literals.
  ///
  /// - Parameter source: `length` readable bytes, and slack behind them.
  /// - Returns: false when there is no room.
  @unsafe @inline(__always)
  mutating func append(_ source: UnsafePointer<UInt8>, _ length: Int) -> Bool {
    guard length <= capacity &- count else { return false }
    let target = unsafe base + count
    if length <= 16 {
      unsafe kernel_copy_16(target, source)
    } else {
      unsafe target.update(from: source, count: length)
    }
    count &+= length
    return true
  }

  /// Repeats what stands `offset` bytes before the end.
  ///
  /// - Returns: false when that is before the beginning, or there is no room.
  @inline(__always)
  mutating func copy(_ length: Int, back offset: Int) -> Bool {
    guard offset > 0, offset <= count, length <= capacity &- count else { return false }
    // SAFETY: the guard. Vectors may be written up to 15 bytes behind the end.
    let target = unsafe base + count
    let source = unsafe target - offset
    if offset >= 16 {
      unsafe kernel_copy_16(target, source)
      var copied = 16
      while copied < length {
        unsafe kernel_copy_16(target + copied, source + copied)
        copied &+= 16
      }
    } else if offset >= 8 {
      var copied = 0
      while copied < length {
        let word = unsafe UnsafeRawPointer(source + copied).loadUnaligned(as: UInt64.self)
        unsafe UnsafeMutableRawPointer(target + copied).storeBytes(of: word, as: UInt64.self)
        copied &+= 8
      }
    } else {
      // What overlaps itself repeats a pattern.
      for index in 0..<length { unsafe target[index] = source[index] }
    }
    count &+= length
    return true
  }
}
