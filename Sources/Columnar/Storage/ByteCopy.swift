/// Copies strings, of which most are short: without a call, 16 bytes at a time.
///
/// SAFETY: the caller vouches for `count` readable bytes at `source` and as many writable ones at
/// `target`, each with 15 more behind them, which are read and overwritten: the slack of ``Memory``.
@inlinable
@inline(__always)
@unsafe package func copyBytes(
  from source: UnsafePointer<UInt8>, to target: UnsafeMutablePointer<UInt8>, count: Int
) {
  if count > 128 { return unsafe target.update(from: source, count: count) }
  let (from, to) = unsafe (UnsafeRawPointer(source), UnsafeMutableRawPointer(target))
  var offset = 0
  repeat {
    let bytes = unsafe from.loadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self)
    unsafe to.storeBytes(of: bytes, toByteOffset: offset, as: SIMD16<UInt8>.self)
    offset &+= 16
  } while offset < count
}
