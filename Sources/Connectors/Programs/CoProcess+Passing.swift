internal import Glibc

extension CoProcess {
  /// Sends bytes, and takes what the program writes meanwhile. One that does not read on has what it
  /// wanted: the rest is dropped.
  ///
  /// - Parameters:
  ///   - take: given what the program writes.
  ///   - pause: called now and then while nothing moves.
  func pass(
    _ bytes: RawSpan, taking take: (Span<UInt8>) throws -> Void, pausing pause: () throws -> Void
  ) throws {
    var sentCount = 0
    while sentCount < bytes.byteCount, input >= 0 {
      let ready = poll(wantsInput: true, for: CoProcess.waitMilliseconds)
      if ready.output { try takeSome(take) }
      if ready.input { sentCount += try sendSome(bytes.extracting(droppingFirst: sentCount)) }
      if !ready.output, !ready.input { try pause() }
    }
  }

  /// Tells the program that nothing comes any more, takes what it still writes and waits for its end,
  /// however long that takes.
  ///
  /// - Parameters:
  ///   - take: given what the program writes.
  ///   - pause: called again and again until it has ended.
  /// - Returns: how it ended.
  func finish(
    taking take: (Span<UInt8>) throws -> Void, pausing pause: () throws -> Void
  ) throws -> ProgramEnd {
    closeInput()
    while output >= 0 {
      try pause()
      if poll(wantsInput: false, for: CoProcess.waitMilliseconds).output {
        try takeSome(take)
      } else if reap(within: 0) {
        // Somebody that it has started holds its output open.
        break
      }
    }
    while !reap(within: Int(CoProcess.waitMilliseconds)) { try pause() }
    stop()
    return end ?? ProgramEnd(status: .exited(0), lastWords: "")
  }
}
