import ArrowIPC
package import Columnar
import Diagnostics
import Glibc
import JSONText

/// The downstream end of a pipe.
package final class WireReader {
  package let header: Header
  package let schema: Schema
  /// A plain Arrow stream of another program: one final epoch.
  package let isForeign: Bool

  private let descriptor: Int32
  private let place: InputPlace
  private let stream: ArrowStreamReader
  private var stamps = StampReader()
  private var ending = Ending.none
  /// What a foreign stream has had of rows.
  private var foreignRowCount: Int64 = 0
  private let foreignStamp: EpochStamp

  /// For how long a stream that has ended is watched: milliseconds.
  private static let endPatience = 1000

  /// What has come instead of another frame.
  private enum Ending {
    case none
    case mark
    case failure(Failure)
  }

  /// Waits for the header.
  ///
  /// - Parameters:
  ///   - descriptor: stays the caller's; it may be non-blocking.
  ///   - name: of the input, for errors.
  ///   - argument: of the command line that names the input, as a shell takes it; nil for standard
  ///     input.
  /// - Throws: `StreamError(.usage)` when something else than a record stream comes,
  ///   `StreamError(.unavailable)` when the upstream died, `WireError.failed` when it said why.
  package init(
    descriptor: Int32, name: String = "standard input", argument: String? = nil
  ) throws {
    place = InputPlace(descriptor: descriptor, name: name, argument: argument)
    if place.isTerminal { throw place.isATerminal }
    enlargePipe(descriptor)
    self.descriptor = descriptor
    do throws(ArrowError) {
      stream = try ArrowStreamReader(DescriptorSource(descriptor))
    } catch {
      if case .truncated("no schema") = error { throw place.isEmpty }
      throw place.streamError(error)
    }
    if let text = stream.metadata.last(where: { $0.key == MetadataKey.failure })?.value {
      throw WireError.failed(try Failure(metadata: text))
    }
    schema = stream.schema
    let header = try Header(stream.metadata)
    self.header = header ?? Header(shape: Shape(isBounded: true))
    isForeign = header == nil
    foreignStamp = EpochStamp(number: 1, time: Clock.now)
  }

  /// Waits for the next frame.
  ///
  /// - Returns: nil after the end-of-stream mark.
  /// - Throws: `StreamError(.unavailable)` at an end of file without that mark, `.data` when the
  ///   bytes are damaged, `WireError.failed` when asked again after a failure.
  package func next() throws -> Frame? {
    switch ending {
    case .none: break
    case .mark: return nil
    case .failure(let failure): throw WireError.failed(failure)
    }
    let rows: ArrowBatch?
    do throws(ArrowError) { rows = try stream.next() } catch { throw place.streamError(error) }
    guard let rows else {
      ending = .mark
      try refuseMore()
      return isForeign ? .marker(foreignMarker) : nil
    }
    return isForeign ? foreignFrame(rows) : try frame(rows)
  }

  /// Behind the end-of-stream mark nothing is read, so nothing may follow: `(a; b) | c` would lose
  /// what b sends. A writer that neither writes nor ends is not waited for.
  private func refuseMore() throws {
    do throws(ArrowError) {
      let patience = stream.hasBufferedBytes ? 0 : WireReader.endPatience
      let isReady = try waitUntilReady(descriptor, POLLIN, milliseconds: patience)
      guard stream.hasBufferedBytes || isReady, try stream.hasMore() else { return }
    } catch { throw place.streamError(error) }
    throw StreamError(
      .usage, "more follows behind the end of the record stream", location: place.name,
      hint: "make one stream of several: stream-union <(…) <(…)")
  }

  private func frame(_ rows: ArrowBatch) throws -> Frame {
    var stamp: EpochStamp?
    var isDeletion = false
    for pair in rows.metadata {
      switch pair.key {
      case MetadataKey.epoch: stamp = try stamps.read(pair.value)
      case MetadataKey.change: isDeletion = try isDelete(pair.value)
      case MetadataKey.marker:
        return .marker(try Ledger(JSON(metadata: pair.value, of: pair.key)))
      case MetadataKey.failure:
        let failure = try Failure(metadata: pair.value)
        ending = .failure(failure)
        return .failure(failure)
      default: break
      }
    }
    guard let stamp else {
      throw StreamError(
        .usage, "a batch of the stream has no epoch", location: place.name,
        hint: "does a stage in between drop the stream's metadata?")
    }
    return .rows(
      RowFrame(
        stamp: stamp, isDeletion: isDeletion, rows: rows, lacksStamp: false, place: place))
  }

  private func isDelete(_ text: String) throws -> Bool {
    guard text == "delete" else {
      throw StreamError(.data, "damaged record stream: an unknown change '\(text)'")
    }
    return true
  }

  private func foreignFrame(_ rows: ArrowBatch) -> Frame {
    foreignRowCount += Int64(rows.rowCount)
    return .rows(
      RowFrame(
        stamp: foreignStamp, isDeletion: false, rows: rows, lacksStamp: true, place: place))
  }

  private var foreignMarker: Ledger {
    let id = "main.source"
    return Ledger(
      epoch: foreignStamp.number, by: id, time: foreignStamp.time, isFinal: true,
      sources: [SourcePart(id: id, epoch: foreignStamp.number, rows: foreignRowCount)])
  }
}

// MARK: - Waiting

extension WireReader {
  /// Whether `next()` can answer without waiting for the upstream.
  package var hasBufferedFrame: Bool { stream.hasBufferedBatch }

  /// Waits until something can be read, were it the end.
  ///
  /// Of what is there at least the beginning of a frame has come; a stage writes a frame in one
  /// call, so the rest is not far.
  ///
  /// - Parameter milliseconds: 0 looks only, a negative number waits for ever.
  /// - Returns: false when the time is over.
  package func waitForInput(milliseconds: Int) throws -> Bool {
    if stream.hasBufferedBytes { return true }
    if case .none = ending {} else { return true }
    do throws(ArrowError) {
      return try waitUntilReady(descriptor, POLLIN, milliseconds: milliseconds)
    } catch { throw place.streamError(error) }
  }
}

extension WireWriter {
  /// Whether the reader of a pipe has gone away.
  package var isAbandoned: Bool {
    var watched = pollfd(fd: descriptor, events: 0, revents: 0)
    return unsafe poll(&watched, 1, 0) > 0 && watched.revents & Int16(POLLERR) != 0
  }
}

extension WireReader {
  /// Waits until something can be read, were it the end; a stage that waits for rows notices, too,
  /// that nobody wants its own any more.
  ///
  /// - Throws: `WireError.closed` when the reader of `output` has gone away.
  package func waitForInput(unlessClosed output: WireWriter) throws {
    if stream.hasBufferedBytes { return }
    if case .none = ending {} else { return }
    try output.waitForInput(from: descriptor)
  }
}

extension WireWriter {
  /// Waits until something can be read from a descriptor, were it the end.
  ///
  /// - Throws: `WireError.closed` when the reader of this stream has gone away; what `companion` throws.
  package func waitForInput(from input: Int32) throws {
    while true {
      var watched = InlineArray<3, pollfd>(repeating: pollfd())
      watched[0] = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
      watched[1] = pollfd(fd: descriptor, events: 0, revents: 0)
      watched[2] = pollfd(fd: companion?.descriptor ?? -1, events: Int16(POLLIN), revents: 0)
      var span = watched.mutableSpan
      let count = unsafe span.withUnsafeMutableBufferPointer { unsafe poll($0.baseAddress, 3, -1) }
      if count > 0 {
        if watched[0].revents != 0 { return }
        // An end of a file that is polled may show itself in other ways than a pipe without a reader.
        if watched[1].revents & Int16(POLLERR) != 0 { throw WireError.closed }
        if watched[2].revents == 0 { return }
        try companion?.check()
        continue
      }
      guard count < 0, errno == EINTR else { return }
    }
  }
}

/// Reads the stamps of frames, of which many in a row are the same.
private struct StampReader {
  private var last: (text: String, stamp: EpochStamp)?

  mutating func read(_ text: String) throws -> EpochStamp {
    if let last, last.text == text { return last.stamp }
    let key = MetadataKey.epoch
    let stamp = try EpochStamp(Members(JSON(metadata: text, of: key), of: key))
    last = (text, stamp)
    return stamp
  }
}

extension Failure {
  fileprivate init(metadata text: String) throws {
    let key = MetadataKey.failure
    try self.init(Members(JSON(metadata: text, of: key), of: key))
  }
}
