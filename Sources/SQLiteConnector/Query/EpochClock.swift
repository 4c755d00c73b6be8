internal import CSQLite
internal import Glibc

/// What SQLite takes for the present: the time of the epoch, which is the same in each run.
///
/// It stands in place of the operating system, whose clock SQLite would read; and there are no files
/// in it.
@safe final class EpochClock {
  @unsafe private struct System {
    // First, so that a pointer to it is one to the whole.
    var layer: sqlite3_vfs
    var milliseconds: Int64
  }

  // SAFETY: allocated until the end; SQLite knows of it from the initialiser to the end.
  private let system: UnsafeMutablePointer<System>
  let name: String

  /// Days are counted from noon of 24 November 4714 BC, times in ms.
  private static let julianMilliseconds1970: Int64 = 210_866_760_000_000

  init() {
    unsafe system = .allocate(capacity: 1)
    name = unsafe "epoch-\(UInt(bitPattern: system))"
    // The first call of SQLite's functions that need it to be there.
    sqlite3_initialize()
    guard let real = unsafe sqlite3_vfs_find(nil) else {
      preconditionFailure("SQLite was built without an operating system")
    }
    unsafe system.initialize(to: System(layer: real.pointee, milliseconds: 0))
    unsafe system.pointee.layer.pNext = nil
    unsafe system.pointee.layer.zName = UnsafePointer(strdup(name))
    unsafe system.pointee.layer.xOpen = { _, _, file, _, _ in
      unsafe file?.pointee.pMethods = nil
      return SQLITE_CANTOPEN
    }
    unsafe system.pointee.layer.xCurrentTimeInt64 = { layer, time in
      guard let layer = unsafe layer else { return SQLITE_ERROR }
      let system = unsafe UnsafeMutableRawPointer(layer).assumingMemoryBound(to: System.self)
      unsafe time?.pointee = system.pointee.milliseconds
      return SQLITE_OK
    }
    unsafe sqlite3_vfs_register(&system.pointee.layer, 0)
  }

  deinit {
    unsafe sqlite3_vfs_unregister(&system.pointee.layer)
    unsafe free(UnsafeMutableRawPointer(mutating: system.pointee.layer.zName))
    unsafe system.deallocate()
  }

  /// - Parameter time: µs since 1970, of which SQLite sees the milliseconds.
  func set(_ time: Int64) {
    let (milliseconds, rest) = time.quotientAndRemainder(dividingBy: 1000)
    unsafe system.pointee.milliseconds =
      EpochClock.julianMilliseconds1970 + milliseconds - (rest < 0 ? 1 : 0)
  }
}
