internal import Glibc

/// A block of bytes that lives as long as a buffer refers to it.
///
/// 64 readable bytes follow the last one, so that loops may load whole vectors; the block starts at
/// a multiple of 64. Their contents mean nothing.
@usableFromInline @safe package final class Memory: @unchecked Sendable {
  /// What a loop may read past the end.
  @usableFromInline package static let slack = 64

  @usableFromInline let base: UnsafeMutableRawPointer
  package let byteCount: Int

  /// Uninitialised memory.
  @usableFromInline package init(byteCount: Int) {
    precondition(byteCount >= 0)
    self.byteCount = byteCount
    if byteCount < Memory.hugeByteCount {
      unsafe base = .allocate(byteCount: byteCount + Memory.slack, alignment: 64)
    } else {
      unsafe base = .allocate(byteCount: byteCount + Memory.slack, alignment: Memory.hugePage)
      _ = unsafe madvise(base, byteCount / Memory.hugePage * Memory.hugePage, MADV_HUGEPAGE)
    }
  }

  /// From this size on the kernel is asked for pages of 2 MiB: they spare most of the time in which it
  /// hands pages out, and, where a table is read all over, most misses of the address cache.
  private static let hugeByteCount = 4 << 20
  private static let hugePage = 2 << 20

  deinit { unsafe base.deallocate() }

  /// Fills the block before anybody else sees it.
  @unsafe package var mutableBytes: UnsafeMutableRawBufferPointer {
    unsafe UnsafeMutableRawBufferPointer(start: base, count: byteCount)
  }

  package var bytes: Buffer<UInt8> { unsafe Buffer(owner: self, base: base, count: byteCount) }

  static let empty = Memory(byteCount: 0)
}
