/// A compiled datetime pattern, as Spark's `date_format` and `to_timestamp` take it: letters such
/// as `yyyy-MM-dd HH:mm:ss.SSS`, quoted text, and optional sections in brackets.
///
/// "Datetime Patterns for Formatting and Parsing" of Spark SQL's documentation. Names are English.
/// More lenient than Spark in one point: fraction digits may touch other digits
/// (`yyyyMMddHHmmssSSS`).
package struct DateTimePattern: Sendable {
  let elements: [PatternElement]
  /// The texts of all the literals.
  let literals: [UInt8]
  private let formatOnly: PatternError?

  package init(_ pattern: String) throws(PatternError) {
    let compiler = try PatternCompiler(pattern)
    elements = compiler.elements
    literals = compiler.literals
    formatOnly = compiler.formatOnly
  }

  /// Throws if the pattern has a letter that can only be written; to be asked once, before texts
  /// are parsed.
  package func requireParsable() throws(PatternError) {
    if let formatOnly { throw formatOnly }
  }
}

/// The zone that a pattern shows.
package struct PatternZone: Sendable {
  package var name: String
  /// Seconds east of Greenwich.
  package var offset: Int

  package init(name: String, offset: Int) {
    self.name = name
    self.offset = offset
  }

  package static let utc = PatternZone(name: "UTC", offset: 0)
}
