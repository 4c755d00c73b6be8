import Columnar

/// The tags of the union `MessageHeader`.
enum MessageKind {
  static let schema: UInt8 = 1
  static let dictionaryBatch: UInt8 = 2
  static let recordBatch: UInt8 = 3
}

/// The table `Message`: what a message is and how long its body is.
struct MessageHeader {
  /// V5. V4 differs in unions only, which are not read.
  static let version: Int16 = 4
  static let oldestVersion: Int16 = 3
  /// Larger bodies than 2 GiB are refused: offsets could not reach into them.
  static let maxBodyLength = Int64(Int32.max)

  let kind: UInt8
  let bodyLength: Int
  private let table: FlatTable

  init(_ metadata: Buffer<UInt8>) throws(ArrowError) {
    table = try FlatTable(root: metadata)
    let version = try table.scalar(0, default: Int16(0))
    guard version >= MessageHeader.oldestVersion, version <= MessageHeader.version else {
      throw .malformed("expected version V4 or V5 of the metadata but found V\(Int(version) + 1)")
    }
    kind = try table.scalar(1, default: UInt8(0))
    let length = try table.scalar(3, default: Int64(0))
    guard length >= 0 else { throw .malformed("a message has a body of \(length) bytes") }
    guard length <= MessageHeader.maxBodyLength else {
      throw .malformed("a message has a body of \(length) bytes: more than 2 GiB are not read")
    }
    bodyLength = Int(length)
  }

  /// What the union holds.
  func content() throws(ArrowError) -> FlatTable {
    guard let content = try table.table(2) else { throw .malformed("a message is empty") }
    return content
  }

  func metadata() throws(ArrowError) -> [KeyValue] { try decodeMetadata(table, slot: 4) }
}

/// One message of a stream or a block of a file.
struct Message {
  let header: MessageHeader
  /// The FlatBuffers part, without the length before it.
  let metadata: Buffer<UInt8>
  let body: Buffer<UInt8>

  init(header: MessageHeader, metadata: Buffer<UInt8>, body: Buffer<UInt8>) {
    self.header = header
    self.metadata = metadata
    self.body = body
  }
}
