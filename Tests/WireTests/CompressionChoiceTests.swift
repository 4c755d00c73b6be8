import Testing
import Wire

/// A writer, a pipe of 1 MiB and a reader, in virtual time.
private struct Simulation {
  /// ns for a byte of a raw frame: what the writer needs to make it, and to compress it.
  var making = 0.2
  let compressing = 2.2
  let ratio = 2.3
  /// ns that the reader needs for a frame, from its raw size and its size in the pipe.
  let reading: (Double, Double) -> Double
  let frameByteCount = 800_000.0

  /// - Returns: bytes of raw rows a second, and which part of them went compressed.
  func run(seconds: Double, compression isCompressing: Bool? = nil) -> (rate: Double, share: Double)
  {
    var choice = CompressionChoice(now: 0)
    var now = 0.0
    var readerFree = 0.0
    /// Frames in the pipe: their size, and when they are gone.
    var queue: [(size: Double, gone: Double)] = []
    var (sent, compressed) = (0.0, 0.0)
    while now < seconds * 1e9 {
      now += making * frameByteCount
      let start = now
      let compresses = isCompressing ?? choice.isCompressing
      let size = compresses ? frameByteCount / ratio : frameByteCount
      if compresses { now += compressing * frameByteCount }
      now += 0.3 * size
      queue.removeAll { $0.gone <= now }
      while queue.reduce(0, { $0 + $1.size }) + size > 1_048_576, !queue.isEmpty {
        now = max(now, queue.removeFirst().gone)
      }
      readerFree = max(readerFree, now) + reading(frameByteCount, size)
      queue.append((size, readerFree))
      sent += frameByteCount
      if compresses { compressed += frameByteCount }
      choice.note(
        rawByteCount: Int(frameByteCount), writtenByteCount: Int(size), waited: Int64(now - start),
        now: Int64(now))
    }
    return (sent / now * 1e9, compressed / sent)
  }
}

@Suite("--compression auto")
struct CompressionChoiceTests {
  @Test("compresses for a network", arguments: [1e6, 12e6, 60e6, 117e6])
  func network(bytesPerSecond: Double) {
    let link = Simulation { _, size in size / bytesPerSecond * 1e9 }
    let (rate, share) = link.run(seconds: 120)
    #expect(rate > 1.9 * bytesPerSecond)
    #expect(share > 0.9)
  }

  @Test("leaves a fast pipe alone", arguments: [0.3, 1.0, 3.0])
  func fastReader(nanosecondsPerByte: Double) {
    let reader = Simulation { raw, _ in raw * nanosecondsPerByte }
    #expect(reader.run(seconds: 30).share == 0)
  }

  @Test("hardly slows a reader that has much to do", arguments: [5.0, 20, 100, 1000])
  func busyReader(nanosecondsPerByte: Double) {
    // Decompression comes on top.
    let reader = Simulation { raw, size in raw * (nanosecondsPerByte + (size < raw ? 0.9 : 0)) }
    for seconds in [2.0, 10, 100] {
      let plain = reader.run(seconds: seconds, compression: false).rate
      #expect(reader.run(seconds: seconds).rate > 0.99 * plain)
    }
  }

  @Test("leaves a slow writer alone")
  func slowWriter() {
    var pipe = Simulation { raw, _ in raw * 0.3 }
    pipe.making = 50
    #expect(pipe.run(seconds: 30).share == 0)
  }

  @Test("is steady where it makes no difference")
  func even() {
    // A link of 450 MB/s: compressed, the writer is what holds it up.
    let link = Simulation { _, size in size / 450e6 * 1e9 }
    let plain = link.run(seconds: 60, compression: false).rate
    #expect(link.run(seconds: 60).rate > 0.98 * plain)
  }
}
