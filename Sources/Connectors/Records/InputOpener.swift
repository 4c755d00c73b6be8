internal import Diagnostics
internal import Formats

/// What there is to read: files, or a stream that is open already.
package struct InputOpener: Sendable {
  private enum Kind: Sendable {
    case files([InputFile])
    case stream(Int32)
  }

  private let kind: Kind
  private let stop: StopSignal

  package init(files: [InputFile], stop: StopSignal) {
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

  var count: Int {
    switch kind {
    case .files(let files): files.count
    case .stream: 1
    }
  }

  /// nil for standard input.
  func name(_ index: Int) -> String? {
    guard case .files(let files) = kind else { return nil }
    return files[index].name
  }

  /// Whether it is known that the input ends by itself: regular files.
  package var isBounded: Bool {
    switch kind {
    case .files(let files): files.allSatisfy { $0.byteCount != nil }
    case .stream(let descriptor): DescriptorInput.isRegular(descriptor)
    }
  }

  /// How many bytes there are in all, before decompression; nil where nobody knows.
  package var byteCount: Int64? {
    switch kind {
    case .files(let files):
      files.reduce(0) { sum, file in sum.flatMap { sum in file.byteCount.map { sum + $0 } } }
    case .stream(let descriptor): DescriptorInput.byteCountLeft(descriptor)
    }
  }

  /// The plan's options, adapted to the file.
  func options(_ index: Int, _ plan: InputPlan) -> ReadOptions {
    var options = plan.options
    if !plan.hasDelimiter, let name = name(index), FileEnding(of: name).isTabSeparated {
      options.delimiter = UInt8(ascii: "\t")
    }
    return options
  }

  /// Opens an input, to be read from its first byte on.
  ///
  /// Files whose endings say that they are compressed have to be; others are looked at.
  func openBytes(_ index: Int, _ plan: InputPlan) throws(StreamError) -> any ByteInput {
    let raw: DescriptorInput
    var packing: Packing?
    switch kind {
    case .files(let files):
      raw = try DescriptorInput(opening: files[index], stop: stop)
      packing = Packing(fileName: files[index].name)
    case .stream(let descriptor):
      raw = DescriptorInput(descriptor: descriptor, name: standardInputName, stop: stop)
    }
    let name = name(index) ?? standardInputName
    let unpacked: any ByteInput
    if let packing {
      unpacked = DecodedInput(raw, try packing.makeDecoder(name: name))
    } else {
      unpacked = UnpackedInput(raw, name: name)
    }
    guard let decoder = plan.encoding.makeDecoder(name: name) else { return unpacked }
    return DecodedInput(unpacked, decoder)
  }

  func open(
    _ index: Int, _ plan: InputPlan, pool: BlockPool
  ) throws(StreamError) -> BlockReader {
    BlockReader(
      try openBytes(index, plan), limits: plan.limits, stop: stop, pool: pool
    ) { _ in 0 }
  }
}
