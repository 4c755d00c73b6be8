internal import Columnar
internal import Diagnostics
internal import Formats
internal import JSONText
internal import Scalars

/// Arrays, maps and structs, collected as JSON.
final class NestedValues {
  private let field: Field
  private let parser: JSONParser
  /// Each value is the only member of an object on a line of its own.
  private var lines = ByteText()
  private let key: String
  private var count = 0

  /// - Throws: a usage error for a type that JSON cannot give back.
  init(_ field: Field) throws(StreamError) {
    self.field = field
    key = "{\(JSON.string(field.name).text):"
    do throws(StreamError) {
      parser = try JSONParser(ReadOptions(), schema: Schema([field]))
    } catch {
      throw StreamError(
        .usage, "'\(field.name)' is \(field.type.phrase), which JSON cannot give back",
        hint: "CAST(\(quotedName(field.name)) AS STRING) AS \(quotedName(field.name))")
    }
  }

  func appendNull() {
    count += 1
    lines.append("{}\n")
  }

  /// - Throws: a data error for what is no single value. That it is one of the type is seen when the
  ///   values are taken.
  func append(_ json: Span<UInt8>) throws(StreamError) {
    guard isSingle(json) else { throw fault("it is no JSON value", json) }
    count += 1
    lines.append(key)
    for index in json.indices {
      // A line feed would end the record; where it may stand in JSON, a carriage return may too.
      lines.append(json[index] == 0x0A ? 0x0D : json[index])
    }
    lines.append("}\n")
  }

  /// The values so far, leaving nothing behind.
  func take() throws(StreamError) -> Column {
    var bytes = MutableBuffer<UInt8>(capacity: lines.count)
    bytes.append(contentsOf: lines.span)
    let parsed = parser.parse(RecordBlock(bytes: bytes.take(), isLast: true))
    let expected = count
    lines.removeAll()
    count = 0
    if let malformed = parsed.malformed.first {
      let value = malformed.bytes.dropFirst(key.utf8.count).dropLast()
      throw fault(malformed.message, Array(value).span)
    }
    guard parsed.batch.rowCount == expected else {
      throw StreamError(
        .internal, "'\(field.name)': \(parsed.batch.rowCount) of \(expected) values")
    }
    return parsed.batch.columns[0]
  }

  /// Whether no comma and no bracket outside of strings would lead out of the object.
  private func isSingle(_ json: Span<UInt8>) -> Bool {
    var depth = 0
    var (isString, isEscaped) = (false, false)
    for index in json.indices {
      let byte = json[index]
      if isString {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isString = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): isString = true
      case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      case UInt8(ascii: ","): if depth == 0 { return false }
      default: break
      }
      if depth < 0 { return false }
    }
    return depth == 0 && !isString
  }

  private func fault(_ reason: String, _ json: Span<UInt8>) -> StreamError {
    let bytes = unsafe json.withUnsafeBufferPointer { unsafe Array($0) }
    return StreamError(
      .data, "'\(field.name)' is not \(field.type.phrase): \(reason): \(quoted(bytes))")
  }
}
