internal import Diagnostics
internal import Formats
internal import SystemPackage

/// What there is to read: files, or a stream that is open already.
package struct InputOpener: Sendable {
  private enum Kind: Sendable {
    case files(any FileSupply)
    case stream(Int32)
  }

  private let kind: Kind
  private let stop: StopSignal

  package init(files: [InputFile], stop: StopSignal) {
    self.init(FileList(files.map { FileSegment($0) }), stop: stop)
  }

  package init(_ files: any FileSupply, stop: StopSignal) {
    kind = .files(files)
    self.stop = stop
  }

  /// - Parameter descriptor: open for reading; standard input.
  package init(descriptor: Int32, stop: StopSignal) {
    kind = .stream(descriptor)
    self.stop = stop
  }

  var isFiles: Bool {
    if case .files = kind { true } else { false }
  }

  /// Whether it is known that the input ends by itself: regular files.
  package var isBounded: Bool {
    switch kind {
    case .files(let files): files.isBounded
    case .stream(let descriptor): DescriptorInput.isRegular(descriptor)
    }
  }

  /// How many bytes there are in all, before decompression; nil where nobody knows.
  package var byteCount: Int64? {
    switch kind {
    case .files(let files): files.byteCount
    case .stream(let descriptor): DescriptorInput.byteCountLeft(descriptor)
    }
  }

  /// Gives out what is to be opened, one after the other.
  func makeQueue() -> OpeningQueue {
    switch kind {
    case .files(let files): OpeningQueue(files)
    case .stream: OpeningQueue(nil)
    }
  }
}

/// What is to be opened next. Used by one thread at a time.
final class OpeningQueue {
  private let files: (any FileSupply)?
  private var hasGivenStream = false

  fileprivate init(_ files: (any FileSupply)?) { self.files = files }

  /// - Returns: an item that is nil for the stream.
  func next(until deadline: Deadline) throws(StreamError) -> Supply<FileSegment?> {
    guard let files else {
      defer { hasGivenStream = true }
      return hasGivenStream ? .end : .item(nil)
    }
    switch try files.next(until: deadline) {
    case .item(let segment): return .item(segment)
    case .nothingYet(let since): return .nothingYet(idleSince: since)
    case .end: return .end
    }
  }
}

// MARK: - Opening

/// Bytes that were opened.
struct OpenedBytes {
  let bytes: any ByteInput
  /// They are not what stands in the file: that is compressed, or not encoded as UTF-8. Known of
  /// parts alone.
  var isDecoded = false
}

extension InputOpener {
  /// The plan's options, adapted to the file.
  func options(_ segment: FileSegment?, _ plan: InputPlan) -> ReadOptions {
    var options = plan.options
    if !plan.hasDelimiter, let name = segment?.file.name, FileEnding(of: name).isTabSeparated {
      options.delimiter = UInt8(ascii: "\t")
    }
    return options
  }

  /// Opens a file from its first byte on.
  ///
  /// Files whose endings say that they are compressed have to be; others are looked at.
  ///
  /// - Parameter segment: nil for the stream.
  func openWhole(
    _ segment: FileSegment?, _ plan: InputPlan
  ) throws(StreamError) -> any ByteInput {
    var packing: Packing?
    let raw: DescriptorInput
    switch kind {
    case .files:
      guard let segment else { throw StreamError(.internal, "no file to open") }
      raw = try openRaw(segment)
      packing = Packing(fileName: segment.file.name)
    case .stream(let descriptor):
      raw = DescriptorInput(descriptor: descriptor, name: standardInputName, stop: stop)
    }
    return try decoded(raw, packing, name: segment?.file.name ?? standardInputName, plan)
  }

  /// Opens a file to read from it here and there.
  ///
  /// - Parameter segment: nil for the stream.
  /// - Throws: a usage error for what is no regular file.
  func openSeekable(_ segment: FileSegment?) throws(StreamError) -> DescriptorInput {
    let raw: DescriptorInput
    switch kind {
    case .files:
      guard let segment else { throw StreamError(.internal, "no file to open") }
      raw = try openRaw(segment)
    case .stream(let descriptor):
      raw = DescriptorInput(descriptor: descriptor, name: standardInputName, stop: stop)
    }
    guard !raw.mayWait else {
      let name = segment.map { "'\($0.file.name)'" } ?? standardInputName
      throw StreamError(
        .usage, "\(name) is no regular file, and a Parquet file is read from its end",
        hint: "keep it first: cat > data.parquet, then stream-source file data.parquet")
    }
    return raw
  }

  /// Opens a file where the part begins, and up to where it ends.
  func open(_ segment: FileSegment, _ plan: InputPlan) throws(StreamError) -> OpenedBytes {
    let raw = try openRaw(segment)
    let name = segment.file.name
    let head = try raw.firstBytes(Packing.signatureByteCount)
    try refuseForeignPacking(head: head.span, name: name)
    let packing = Packing(fileName: name)
    let isDecoded = packing != nil || Packing(head: head.span) != nil || plan.encoding != .utf8
    let length = segment.end.map { $0 - segment.start }
    if isDecoded {
      let whole = try decoded(raw, packing, name: name, plan)
      let part = PartialInput(whole, skipping: segment.start, count: length) {
        segment.notWhatItWas()
      }
      return OpenedBytes(bytes: part, isDecoded: true)
    }
    guard try raw.seek(to: segment.start) else { throw segment.notWhatItWas() }
    guard length != nil else { return OpenedBytes(bytes: raw) }
    let part = PartialInput(raw, skipping: 0, count: length) { segment.notWhatItWas() }
    return OpenedBytes(bytes: part)
  }

  private func openRaw(_ segment: FileSegment) throws(StreamError) -> DescriptorInput {
    if segment.start > 0 || segment.epoch != nil, (try? Stat(segment.file.path)) == nil {
      throw segment.gone()
    }
    return try DescriptorInput(opening: segment.file, stop: stop)
  }

  private func decoded(
    _ raw: DescriptorInput, _ packing: Packing?, name: String, _ plan: InputPlan
  ) throws(StreamError) -> any ByteInput {
    let unpacked: any ByteInput
    if let packing {
      unpacked = DecodedInput(raw, try packing.makeDecoder(name: name))
    } else {
      unpacked = UnpackedInput(raw, name: name)
    }
    guard let decoder = plan.encoding.makeDecoder(name: name) else { return unpacked }
    return DecodedInput(unpacked, decoder)
  }
}
