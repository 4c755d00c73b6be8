internal import CKernels
package import Columnar

/// The position of the last such byte; nil when there is none.
func lastIndex(of byte: UInt8, in bytes: Buffer<UInt8>) -> Int? {
  // SAFETY: only blocks that lie inside the buffer are read.
  let pointer = unsafe bytes.pointer
  var end = bytes.count
  while end >= 64 {
    let mask = unsafe kernel_mask_equal_64(pointer + end - 64, byte)
    if mask != 0 { return end - 1 - mask.leadingZeroBitCount }
    end -= 64
  }
  while end > 0 {
    if bytes[end - 1] == byte { return end - 1 }
    end -= 1
  }
  return nil
}

/// The position of the first such byte; nil when there is none.
func firstIndex(of byte: UInt8, in bytes: Buffer<UInt8>) -> Int? {
  // SAFETY: a buffer may be read 64 bytes behind its end; what is found there does not count.
  let pointer = unsafe bytes.pointer
  for base in stride(from: 0, to: bytes.count, by: 64) {
    let mask = unsafe kernel_mask_equal_64(pointer + base, byte)
    if mask != 0 {
      let index = base + mask.trailingZeroBitCount
      return index < bytes.count ? index : nil
    }
  }
  return nil
}

/// How many such bytes there are.
package func count(of byte: UInt8, in bytes: Buffer<UInt8>) -> Int {
  // SAFETY: the bytes of the buffer alone are read.
  Int(unsafe kernel_count_equal(bytes.pointer, bytes.count, byte))
}

extension Buffer where Element == Int64 {
  /// The elements at these positions, in their order.
  func gathering(_ positions: Buffer<Int32>) -> Buffer<Int64> {
    Buffer(count: positions.count) { output in
      for index in 0..<positions.count { output.append(self[Int(positions[index])]) }
    }
  }
}

extension ByteStrings {
  /// The same values, but nothing where the bit is 0.
  func blanking(_ kept: Bitmap) -> ByteStrings {
    var builder = ByteStringsBuilder(capacity: count, byteCapacity: totalLength)
    for index in 0..<count {
      if kept[index] { builder.append(self[index]) } else { builder.closeValue() }
    }
    return builder.take()
  }
}
