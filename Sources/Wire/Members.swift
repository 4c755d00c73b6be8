import Diagnostics
import JSONText

/// A JSON value of a stream's metadata, read with errors that name the key.
///
/// What is left out and what is null are the same.
struct Members {
  let json: JSON
  let key: String

  init(_ json: JSON, of key: String) {
    self.json = json
    self.key = key
  }

  subscript(name: String) -> JSON? {
    guard let value = json[name], !value.isNull else { return nil }
    return value
  }

  func damaged(_ what: String) -> StreamError {
    StreamError(.data, "damaged record stream: \(what) in '\(key)'")
  }

  func child(_ name: String) -> Members { Members(json[name] ?? .null, of: key) }

  /// Of an array; none if there is none.
  func elements() throws -> [Members] {
    if json.isNull { return [] }
    guard let array = json.array else { throw damaged("expected an array") }
    return array.map { Members($0, of: key) }
  }

  /// Of an object; none if there is none.
  func members(_ name: String) throws -> [(String, Members)] {
    guard let value = self[name] else { return [] }
    guard let members = value.members else { throw damaged("expected an object '\(name)'") }
    return members.map { ($0.key, Members($0.value, of: key)) }
  }

  func string() throws -> String {
    guard let text = json.string else { throw damaged("expected a string") }
    return text
  }

  func string(_ name: String) throws -> String? {
    guard let value = self[name] else { return nil }
    guard let text = value.string else { throw damaged("expected a string '\(name)'") }
    return text
  }

  func requiredString(_ name: String) throws -> String {
    guard let text = try string(name) else { throw damaged("no '\(name)'") }
    return text
  }

  func integer(_ name: String) throws -> Int64? {
    guard let value = self[name] else { return nil }
    guard let integer = value.int64 else { throw damaged("expected an integer '\(name)'") }
    return integer
  }

  func requiredInteger(_ name: String) throws -> Int64 {
    guard let integer = try integer(name) else { throw damaged("no '\(name)'") }
    return integer
  }

  /// Such as the number of an epoch, behind which there is always another one.
  func requiredSafeInteger(_ name: String) throws -> Int64 {
    guard let value = self[name] else { throw damaged("no '\(name)'") }
    guard let integer = value.safeInteger else {
      throw damaged("expected an integer of at most 53 bits '\(name)'")
    }
    return integer
  }

  /// False if it is left out.
  func bool(_ name: String) throws -> Bool {
    guard let value = self[name] else { return false }
    guard let bool = value.bool else { throw damaged("expected true or false as '\(name)'") }
    return bool
  }
}

extension JSON {
  /// - Parameter key: of the metadata that hold the text.
  init(metadata text: String, of key: String) throws {
    do {
      self = try JSON(parsing: text)
    } catch {
      throw StreamError(.data, "damaged record stream: '\(key)' is not JSON: \(error.message)")
    }
  }

  init(_ text: String?) { self = text.map { .string($0) } ?? .null }
}
