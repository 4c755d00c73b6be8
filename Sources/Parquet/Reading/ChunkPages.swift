import CZlib
import Columnar

/// The pages of a column in a row group, one after the other.
final class ChunkPages {
  let leaf: SchemaNode
  private let converter: LeafConverter
  private let chunk: ChunkMetadata
  private let decompressor: PageDecompressor
  private var window: FileWindow
  private var dictionary: Dictionary?
  /// Entries of pages that are still to come.
  private var entriesLeft: Int

  private static let pageByteCountMax = 1 << 30
  private static let headerByteCountMax = 16 << 20

  /// - Throws: `.malformed` when the chunk does not lie in the file, or is of another type.
  init(
    _ chunk: ChunkMetadata, of leaf: SchemaNode, _ file: FileBytes, _ decompressor: PageDecompressor
  ) throws(ParquetError) {
    guard case .leaf(let type, _) = leaf.kind, type.physical == chunk.physical else {
      throw .malformed("the column '\(leaf.path)' is of another type in a row group")
    }
    guard !chunk.isElsewhere else {
      throw .unsupported(column: leaf.path, "is in another file, which is not read")
    }
    guard chunk.codec.isRead else {
      throw .unsupported(
        column: leaf.path, "is compressed with \(chunk.codec.name), which is not read")
    }
    let range = chunk.dataPageOffset <= file.byteCount ? chunk.range : 0..<0
    // A chunk without values need not be anywhere.
    let isInside =
      range.lowerBound >= 4 && chunk.compressedByteCount <= file.byteCount - range.lowerBound
    guard isInside || chunk.valueCount == 0 else {
      throw .malformed("the column '\(leaf.path)' does not lie in the file")
    }
    self.chunk = chunk
    self.leaf = leaf
    self.decompressor = decompressor
    converter = LeafConverter(leaf: type, path: leaf.path)
    window = FileWindow(file, isInside ? range : 0..<0)
    entriesLeft = chunk.valueCount
  }

  /// - Returns: nil when all entries were given out.
  func next() throws(ParquetError) -> DataPage? {
    while entriesLeft > 0 {
      guard window.left > 0 else {
        throw .truncated("the column '\(leaf.path)' has fewer values than it claims to")
      }
      let header = try header()
      let bytes = try window.peek(header.compressedByteCount)
      guard bytes.count == header.compressedByteCount else {
        throw .malformed("a page of the column '\(leaf.path)' passes the end of its chunk")
      }
      window.skip(bytes.count)
      if let checksum = header.checksum { try check(bytes, checksum) }
      switch header.kind {
      case .index: continue
      case .dictionary: try takeDictionary(header, bytes)
      case .data, .dataV2:
        guard header.valueCount <= entriesLeft else {
          throw .malformed("the column '\(leaf.path)' has more values than it claims to")
        }
        entriesLeft -= header.valueCount
        if header.valueCount == 0 { continue }
        return header.kind == .data ? try page(header, bytes) : try pageV2(header, bytes)
      }
    }
    return nil
  }

  private func header() throws(ParquetError) -> PageHeader {
    var wanted = 1 << 10
    while true {
      let bytes = try window.peek(wanted)
      var byteCount = 0
      do throws(ParquetError) {
        let header = try PageHeader(bytes, byteCount: &byteCount)
        guard header.uncompressedByteCount <= ChunkPages.pageByteCountMax else {
          throw .malformed("a page of more than \(ChunkPages.pageByteCountMax >> 20) MiB")
        }
        window.skip(byteCount)
        return header
      } catch {
        // Its statistics may be long.
        guard case .truncated = error, bytes.count == wanted,
          wanted < ChunkPages.headerByteCountMax
        else { throw error }
        wanted *= 4
      }
    }
  }

  private func check(_ bytes: Buffer<UInt8>, _ checksum: UInt32) throws(ParquetError) {
    let found = unsafe crc32(0, bytes.pointer, uInt(truncatingIfNeeded: bytes.count))
    guard found == UInt(checksum) else {
      throw .malformed("a page of the column '\(leaf.path)' does not match its checksum")
    }
  }

  private func decompress(
    _ bytes: Buffer<UInt8>, byteCount: Int
  ) throws(ParquetError) -> Buffer<UInt8> {
    try decompressor.decompress(bytes, chunk.codec, byteCount: byteCount)
  }

  private func takeDictionary(
    _ header: PageHeader, _ compressed: Buffer<UInt8>
  ) throws(ParquetError) {
    guard dictionary == nil else {
      throw .malformed("the column '\(leaf.path)' has more than one dictionary")
    }
    guard header.valueCount <= converter.countMax else {
      throw .unsupported(
        column: leaf.path, "has a dictionary of more than 2 GiB, which is not read")
    }
    let bytes = try decompress(compressed, byteCount: header.uncompressedByteCount)
    guard header.encoding == .plain || header.encoding == .plainDictionary,
      converter.leaf.physical != .boolean,
      header.valueCount <= bytes.count
    else { throw .malformed("the dictionary of the column '\(leaf.path)' makes no sense") }
    var values = try PageValues(
      bytes, .plain, converter, limit: header.valueCount, dictionary: nil)
    dictionary = Dictionary(try values.next(header.valueCount))
  }

  // MARK: - Data pages

  private func page(
    _ header: PageHeader, _ compressed: Buffer<UInt8>
  ) throws(ParquetError) -> DataPage {
    let bytes = try decompress(compressed, byteCount: header.uncompressedByteCount)
    var place = 0
    let repetitions = try levels(
      bytes, &place, max: leaf.levels.slotRepetition, header.repetitionEncoding)
    let definitions = try levels(
      bytes, &place, max: leaf.levels.definition, header.definitionEncoding)
    return DataPage(
      entryCount: header.valueCount, repetitions: repetitions, definitions: definitions,
      values: try values(header, bytes[place..<bytes.count]))
  }

  /// Levels behind their length of 4 bytes.
  private func levels(
    _ bytes: Buffer<UInt8>, _ place: inout Int, max: Int, _ encoding: Encoding
  ) throws(ParquetError) -> HybridDecoder? {
    if max == 0 { return nil }
    guard encoding == .rle else {
      throw .unsupported(
        column: leaf.path, "has levels in the encoding \(encoding), which is not read")
    }
    guard let length = Buffer<UInt32>(bytes, byteOffset: place, count: 1)?[0],
      Int(length) <= bytes.count - place - 4
    else {
      throw .truncated("a page of the column '\(leaf.path)' ends in the middle of its levels")
    }
    let start = place + 4
    place = start + Int(length)
    return HybridDecoder(bytes[start..<place], bitWidth: HybridDecoder.bitWidth(max: max))
  }

  private func pageV2(
    _ header: PageHeader, _ bytes: Buffer<UInt8>
  ) throws(ParquetError) -> DataPage {
    let (repetition, definition) = (header.repetitionByteCount, header.definitionByteCount)
    let levels = repetition + definition
    guard levels <= bytes.count, levels <= header.uncompressedByteCount else {
      throw .truncated("a page of the column '\(leaf.path)' ends in the middle of its levels")
    }
    var rest = bytes[levels..<bytes.count]
    if header.isCompressed {
      let byteCount = header.uncompressedByteCount - levels
      // Where all values are null, some writers leave out even the compressor's frame.
      rest = byteCount == 0 ? Buffer() : try decompress(rest, byteCount: byteCount)
    }
    func decoder(_ range: Range<Int>, _ max: Int) -> HybridDecoder? {
      max == 0 ? nil : HybridDecoder(bytes[range], bitWidth: HybridDecoder.bitWidth(max: max))
    }
    return DataPage(
      entryCount: header.valueCount,
      repetitions: decoder(0..<repetition, leaf.levels.slotRepetition),
      definitions: decoder(repetition..<levels, leaf.levels.definition),
      values: try values(header, rest))
  }

  private func values(
    _ header: PageHeader, _ bytes: Buffer<UInt8>
  ) throws(ParquetError) -> PageValues {
    // A page of nulls alone may hold nothing at all, not even the head of its encoding.
    if bytes.count == 0, leaf.levels.definition > 0, !header.encoding.isDictionary {
      return try PageValues(bytes, .plain, converter, limit: 0, dictionary: nil)
    }
    return try PageValues(
      bytes, header.encoding, converter, limit: header.valueCount, dictionary: dictionary)
  }
}

/// A page whose entries have not been read.
struct DataPage {
  /// Values, nulls and empty lists.
  let entryCount: Int
  var repetitions: HybridDecoder?
  var definitions: HybridDecoder?
  var values: PageValues
}
