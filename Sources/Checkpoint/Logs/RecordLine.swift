internal import JSONText

/// A line of a log: a JSON value with a checksum.
///
///     {"sum":"9ae16a3b2f90404f","durable":1024,"record":{…}}
///
/// `sum` is that of the bytes from `"durable"` to the end of the line; `durable` is how much of the
/// file was known to be on the disk when the line was written. Damage below that is no torn tail.
struct RecordLine {
  let durable: Int64
  let record: JSON

  private static let prefix = Array("{\"sum\":\"".utf8)
  private static let digitCount = 16
  private static let separator = Array("\",".utf8)
  private static let headCount = prefix.count + digitCount + separator.count

  /// With a newline at the end.
  static func bytes(_ record: JSON, durable: Int64) -> [UInt8] {
    let body = Array("\"durable\":\(durable),\"record\":\(record.text)}".utf8)
    var bytes = prefix
    bytes.reserveCapacity(body.count + headCount + 1)
    bytes += Checksum.text(of: body).utf8
    bytes += separator
    bytes += body
    bytes.append(0x0A)
    return bytes
  }

  /// - Parameter bytes: a line without its newline.
  /// - Returns: nil when it is damaged.
  init?(_ bytes: ArraySlice<UInt8>) {
    let bodyStart = bytes.startIndex + RecordLine.headCount
    guard bodyStart < bytes.endIndex, bytes.starts(with: RecordLine.prefix) else { return nil }
    let digitsStart = bytes.startIndex + RecordLine.prefix.count
    let digits = bytes[digitsStart..<digitsStart + RecordLine.digitCount]
    let body = bytes[bodyStart...]
    guard bytes[digits.endIndex..<bodyStart].elementsEqual(RecordLine.separator),
      Checksum.text(of: body).utf8.elementsEqual(digits),
      let text = String(validating: bytes, as: UTF8.self), let json = try? JSON(parsing: text),
      let durable = json["durable"]?.int64, let record = json["record"]
    else { return nil }
    self.durable = durable
    self.record = record
  }
}
