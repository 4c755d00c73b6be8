internal import CKernels
internal import Columnar

/// The lines of a block, one value each, without their ends.
struct SplitLines {
  var values: ByteStrings
  /// Where in the block each line begins.
  var starts: Buffer<Int64>?
  /// How many line ends there are.
  var endCount: Int
  var isASCII: Bool
}

/// Cuts a block at its line feeds; a carriage return before one goes with it. The last line may
/// lack its end.
///
/// - Parameter bytes: less than 2 GiB.
/// - Complexity: one pass. Whole vectors are copied from where a line begins to where the output
///   ends; what was copied too much is overwritten by the next line.
func splitLines(_ bytes: Buffer<UInt8>, wantsStarts: Bool) -> SplitLines {
  precondition(bytes.count <= Int32.max)
  var splitter = LineSplitter(bytes, wantsStarts: wantsStarts)
  for base in stride(from: 0, to: bytes.count & ~63, by: 64) {
    unsafe splitter.take(64, at: base)
  }
  if bytes.count & 63 != 0 { unsafe splitter.take(bytes.count & 63, at: bytes.count & ~63) }
  return splitter.finish(byteCount: bytes.count)
}

@safe private struct LineSplitter: ~Copyable {
  // SAFETY: `source` may be read up to 64 bytes behind its end, as every buffer. `text` has room
  // for as many bytes as the source and for 64 more, and never gets ahead of it.
  private let bytes: Buffer<UInt8>
  private let source: UnsafePointer<UInt8>
  private var text: MutableBuffer<UInt8>
  private let target: UnsafeMutablePointer<UInt8>
  private var length = 0
  private var offsets: MutableBuffer<Int32>
  private var starts = MutableBuffer<Int64>()
  private let wantsStarts: Bool
  private var lineStart = 0
  private var endCount = 0
  private var isASCII = true

  init(_ bytes: Buffer<UInt8>, wantsStarts: Bool) {
    self.bytes = bytes
    unsafe source = bytes.pointer
    text = MutableBuffer(capacity: bytes.count)
    unsafe target = text.pointer
    offsets = MutableBuffer(capacity: bytes.count / 32 + 2)
    self.wantsStarts = wantsStarts
    offsets.append(0)
  }

  /// - Parameter count: 64, or fewer at the end of the block.
  @unsafe @inline(__always)
  mutating func take(_ count: Int, at base: Int) {
    let inside = ~0 as UInt64 &>> UInt64(truncatingIfNeeded: 64 &- count)
    var ends = unsafe kernel_mask_equal_64(source + base, UInt8(ascii: "\n")) & inside
    if unsafe kernel_mask_high_64(source + base) & inside != 0 { isASCII = false }
    var from = base
    while ends != 0 {
      let end = base &+ ends.trailingZeroBitCount
      ends &= ends &- 1
      unsafe kernel_copy_64(target + length, source + from)
      length &+= end &- from
      if end > lineStart, unsafe source[end &- 1] == UInt8(ascii: "\r") { length &-= 1 }
      close(nextStart: end &+ 1)
      endCount &+= 1
      from = end &+ 1
    }
    unsafe kernel_copy_64(target + length, source + from)
    length &+= base &+ count &- from
  }

  @inline(__always)
  private mutating func close(nextStart: Int) {
    offsets.append(Int32(truncatingIfNeeded: length))
    if wantsStarts { starts.append(Int64(lineStart)) }
    lineStart = nextStart
  }

  consuming func finish(byteCount: Int) -> SplitLines {
    if lineStart < byteCount { close(nextStart: byteCount) }
    unsafe text.setCount(length)
    return SplitLines(
      values: ByteStrings(offsets: offsets.take(), bytes: text.take()),
      starts: wantsStarts ? starts.take() : nil, endCount: endCount, isASCII: isASCII)
  }
}
