import CZlib
import Columnar

/// Collects the pages of a leaf in a row group.
final class ChunkWriter {
  private let type: DataType
  private let element: SchemaElement
  private let path: [String]
  private let repetitionMax: Int
  private let definitionMax: Int
  private let compressor: PageCompressor
  private let hasChecksums: Bool

  // The open page.
  private var repetitions = MutableBuffer<UInt8>()
  private var definitions = MutableBuffer<UInt8>()
  private var entryCount = 0
  private var bits = BitmapBuilder()
  private var plain = MutableBuffer<UInt8>()
  private var indices = MutableBuffer<Int32>()

  // The chunk.
  private var dictionary = DictionaryBuilder()
  private var usesDictionary = true
  private var hasDictionaryPages = false
  private var hasPlainPages = false
  private var pages = MutableBuffer<UInt8>()
  private var uncompressedByteCount = 0
  private var valueCount = 0
  private var statistics: ChunkStatisticsBuilder

  private static let pageByteCount = 1 << 20
  private static let pageEntryCount = 1 << 17
  /// Readers have limits.
  private static let pageByteCountMax = 512 << 20

  /// - Parameters:
  ///   - repetitionMax: how many lists are around the leaf.
  ///   - definitionMax: the definition level of its values.
  init(
    _ type: DataType, _ element: SchemaElement, path: [String], repetitionMax: Int,
    definitionMax: Int, _ compressor: PageCompressor, hasChecksums: Bool
  ) {
    self.hasChecksums = hasChecksums
    self.type = type
    self.element = element
    self.path = path
    self.repetitionMax = repetitionMax
    self.definitionMax = definitionMax
    self.compressor = compressor
    statistics = ChunkStatisticsBuilder(type)
  }

  /// Bytes that wait to be written, about.
  var byteCount: Int {
    pages.count + plain.count + indices.count * 4 + definitions.count + repetitions.count
      + dictionary.byteCount
  }

  /// - Throws: `.column` when values are too long for a page.
  func append(_ leaf: ShreddedLeaf) throws(ParquetError) {
    let values = PlainValues(leaf.values)
    guard values.byteCount <= ChunkWriter.pageByteCountMax else {
      throw .column(
        path.joined(separator: "."),
        "values of more than \(ChunkWriter.pageByteCountMax >> 20) MiB are not written")
    }
    repetitions.append(contentsOf: leaf.repetitions.span)
    if let levels = leaf.definitions {
      definitions.append(contentsOf: levels.span)
    } else {
      definitions.append(repeating: UInt8(definitionMax), count: leaf.entryCount)
    }
    entryCount += leaf.entryCount
    statistics.add(leaf.values, nullCount: leaf.entryCount - leaf.values.count)
    if case .bits(let source) = values { bits.append(contentsOf: source) }
    if usesDictionary {
      usesDictionary = dictionary.number(values, into: &indices)
    }
    if !usesDictionary { values.append(to: &plain) }
    if usesDictionary, dictionary.isFull {
      closePage()
      usesDictionary = false
    }
    let pageBytes = plain.count + indices.count * 4 + bits.count / 8
    if entryCount >= ChunkWriter.pageEntryCount || pageBytes >= ChunkWriter.pageByteCount {
      closePage()
    }
  }

  // MARK: - Pages

  private func closePage() {
    if entryCount == 0 { return }
    var page = MutableBuffer<UInt8>()
    appendLevels(repetitions.take(), max: repetitionMax, to: &page)
    appendLevels(definitions.take(), max: definitionMax, to: &page)
    var header = PageHeader()
    header.kind = .data
    header.valueCount = entryCount
    if usesDictionary, indices.count > 0 {
      header.encoding = .rleDictionary
      hasDictionaryPages = true
      let bitWidth = HybridDecoder.bitWidth(max: max(0, dictionary.count - 1))
      page.append(UInt8(bitWidth))
      HybridEncoder.append(indices.span, bitWidth: bitWidth, to: &page)
    } else {
      hasPlainPages = true
      if bits.count > 0 { page.append(bits.take()) }
      page.append(contentsOf: plain.span)
    }
    append(header, page.take())
    plain.removeAll()
    indices.removeAll()
    valueCount += entryCount
    entryCount = 0
  }

  private func appendLevels(
    _ levels: Buffer<UInt8>, max: Int, to page: inout MutableBuffer<UInt8>
  ) {
    if max == 0 { return }
    var encoded = MutableBuffer<UInt8>()
    HybridEncoder.append(
      levels.span, bitWidth: HybridDecoder.bitWidth(max: max), to: &encoded)
    page.append(littleEndian: UInt64(encoded.count), width: 4)
    page.append(contentsOf: encoded.span)
  }

  private func append(_ unfinished: PageHeader, _ page: Buffer<UInt8>) {
    append(unfinished, page, to: &pages)
  }

  private func append(
    _ unfinished: PageHeader, _ page: Buffer<UInt8>, to output: inout MutableBuffer<UInt8>
  ) {
    var compressed = MutableBuffer<UInt8>()
    compressor.append(page, to: &compressed)
    let bytes = compressed.take()
    var header = unfinished
    header.uncompressedByteCount = page.count
    header.compressedByteCount = bytes.count
    if hasChecksums {
      header.checksum = unsafe UInt32(
        truncatingIfNeeded: crc32(0, bytes.pointer, uInt(truncatingIfNeeded: bytes.count)))
    }
    let encoded = header.encoded
    output.append(contentsOf: encoded.span)
    output.append(contentsOf: bytes.span)
    uncompressedByteCount += encoded.count + page.count
  }

  // MARK: - The chunk

  /// Ends the chunk, and begins the next one.
  ///
  /// - Parameters:
  ///   - offset: where it stands in the file.
  ///   - output: gets its bytes.
  func finish(at offset: Int, into output: inout MutableBuffer<UInt8>) -> ChunkMetadata {
    closePage()
    var chunk = ChunkMetadata()
    chunk.physical = element.physical ?? .int32
    chunk.path = path
    chunk.codec = compressor.compression.codec
    chunk.valueCount = valueCount
    chunk.statistics = statistics.statistics
    chunk.encodings = [.rle]
    chunk.dataPageOffset = offset
    if hasPlainPages || hasDictionaryPages { chunk.encodings.append(.plain) }
    let before = output.count
    if hasDictionaryPages {
      chunk.encodings.append(.rleDictionary)
      chunk.dictionaryPageOffset = offset
      appendDictionary(to: &output)
      chunk.dataPageOffset = offset + output.count - before
    }
    output.append(contentsOf: pages.span)
    chunk.compressedByteCount = output.count - before
    chunk.uncompressedByteCount = uncompressedByteCount
    reset()
    return chunk
  }

  private func appendDictionary(to output: inout MutableBuffer<UInt8>) {
    var header = PageHeader()
    header.kind = .dictionary
    header.valueCount = dictionary.count
    var page = MutableBuffer<UInt8>()
    let width = element.physical == .int32 || element.physical == .float ? 4 : 8
    dictionary.append(width: width, to: &page)
    append(header, page.take(), to: &output)
  }

  private func reset() {
    dictionary = DictionaryBuilder()
    usesDictionary = true
    hasDictionaryPages = false
    hasPlainPages = false
    pages.removeAll()
    uncompressedByteCount = 0
    valueCount = 0
    statistics = ChunkStatisticsBuilder(type)
  }
}

extension MutableBuffer<UInt8> {
  fileprivate mutating func append(_ bits: Bitmap) {
    let byteCount = (bits.count + 7) / 8
    for place in 0..<byteCount {
      append(UInt8(truncatingIfNeeded: bits.words[place / 8] >> UInt64(place % 8 * 8)))
    }
  }
}
