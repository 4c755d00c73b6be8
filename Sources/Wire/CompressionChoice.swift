/// Decides, frame by frame, whether compression pays (`--compression auto`).
///
/// On one machine a pipe moves more than 2 GB/s and zstd encodes 0.4 GB/s: as long as the reader
/// takes the rows as fast as a program on this machine can, they go uncompressed. A writer that
/// mostly waits, for a reader that takes less than ``slowBytesPerSecond``, may have a network
/// behind its pipe (`ssh`), or just a reader with much to do. From this end the two look alike, so
/// it tries: for a while frames go compressed, and the mode that carries more rows a second stays.
/// A try that does not pay is repeated ever more rarely, so that it costs a reader with much to do
/// less than a hundredth. A link that compression serves is tried uncompressed now and then, too,
/// as it may have become faster.
///
/// A socket is compressed from the start, and so is a file: it is read later, or it is the link.
package struct CompressionChoice {
  /// What a try needs before its throughput means something: what the pipe still held when it
  /// began must be gone, and time must pass.
  static let settlingByteCount = 2 << 20
  static let windowNanoseconds: Int64 = 300_000_000
  /// After this a try that goes worse is given up.
  static let leastNanoseconds: Int64 = 60_000_000
  /// A reader that takes more is not behind a network that compression would help.
  static let slowBytesPerSecond = 250e6
  /// The other mode must be so much better before it stays.
  static let gain = 1.15
  static let firstPause: Int64 = 2_000_000_000
  static let longestPause: Int64 = 60_000_000_000

  package private(set) var isCompressing = false
  private var window: Window
  /// The throughput of the other mode, while this one is on trial.
  private var rival: Double?
  private var settledByteCount = 0
  private var pause = CompressionChoice.firstPause
  private var nextTrial: Int64

  /// What was written in one mode.
  private struct Window {
    var start: Int64
    /// Uncompressed.
    var rawByteCount = 0
    var waited: Int64 = 0

    func elapsed(_ now: Int64) -> Int64 { max(1, now - start) }

    func bytesPerSecond(_ now: Int64) -> Double {
      Double(rawByteCount) * 1e9 / Double(elapsed(now))
    }
  }

  /// - Parameter now: ns of a monotonic clock, as everywhere here.
  package init(now: Int64) {
    window = Window(start: now)
    nextTrial = now + CompressionChoice.firstPause
  }

  /// Notes a frame.
  ///
  /// - Parameters:
  ///   - rawByteCount: its rows, uncompressed.
  ///   - writtenByteCount: what went into the pipe.
  ///   - waited: ns in the call that wrote it.
  package mutating func note(rawByteCount: Int, writtenByteCount: Int, waited: Int64, now: Int64) {
    settledByteCount += writtenByteCount
    if rival != nil, settledByteCount < CompressionChoice.settlingByteCount {
      window = Window(start: now)
      return
    }
    window.rawByteCount += rawByteCount
    window.waited += waited
    if let rival {
      judge(against: rival, now)
    } else if window.elapsed(now) >= CompressionChoice.windowNanoseconds {
      if now >= nextTrial, isHeldUp(now) { beginTrial(now) } else { window = Window(start: now) }
    }
  }

  /// Whether the reader, or what lies behind it, is what the writer waits for.
  private func isHeldUp(_ now: Int64) -> Bool {
    // Compressed, the writer's own work may be what takes the time: then the other mode is tried
    // whether it waits or not.
    if isCompressing { return true }
    return window.waited > window.elapsed(now) / 2
      && window.bytesPerSecond(now) < CompressionChoice.slowBytesPerSecond
  }

  private mutating func beginTrial(_ now: Int64) {
    rival = window.bytesPerSecond(now)
    isCompressing.toggle()
    settledByteCount = 0
    window = Window(start: now)
  }

  private mutating func judge(against other: Double, _ now: Int64) {
    let rate = window.bytesPerSecond(now)
    let isHopeless = rate < other && window.elapsed(now) >= CompressionChoice.leastNanoseconds
    guard isHopeless || window.elapsed(now) >= CompressionChoice.windowNanoseconds else { return }
    if rate > other * CompressionChoice.gain {
      pause = CompressionChoice.firstPause
    } else {
      isCompressing.toggle()
      pause = min(pause * 3, CompressionChoice.longestPause)
    }
    rival = nil
    nextTrial = now + pause * (isCompressing ? 4 : 1)
    window = Window(start: now)
  }
}
