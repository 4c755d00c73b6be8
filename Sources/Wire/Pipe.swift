import Glibc

/// What an uncompressed pipe needs to be fast: its default of 64 KiB costs two thirds of it.
let pipeByteCount: Int32 = 1 << 20

/// Enlarges a pipe. Where the system says no, it stays as it is.
func enlargePipe(_ descriptor: Int32) {
  // F_SETPIPE_SZ, which the overlay lacks.
  _ = fcntl(descriptor, 1031, pipeByteCount)
}

enum Clock {
  /// µs since 1970, UTC.
  static var now: Int64 { time(CLOCK_REALTIME) / 1000 }

  /// ns since some start; never set back.
  static var monotonic: Int64 { time(CLOCK_MONOTONIC) }

  private static func time(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    _ = unsafe clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
