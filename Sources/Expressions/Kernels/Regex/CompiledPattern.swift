import CPCRE2
import Glibc

/// A regular expression that is ready to be matched. Immutable: several threads may use it.
@safe
final class CompiledPattern: @unchecked Sendable {
  // SAFETY: PCRE2 code is never changed once it is compiled.
  fileprivate let code: OpaquePointer
  let groupCount: Int
  let source: String
  private let translated: String

  /// - Parameter pattern: in Java's words.
  init(_ pattern: String) throws(PatternFault) {
    source = pattern
    let java = try JavaPattern(pattern)
    groupCount = java.groupCount
    translated = java.text
    var fault = PatternFault("")
    guard let compiled = unsafe CompiledPattern.compile(java.text, java, &fault) else {
      throw fault
    }
    unsafe code = compiled
  }

  /// Code that calls out wherever a match may begin; nil when there is no memory for it.
  fileprivate func watched() -> OpaquePointer? {
    var fault = PatternFault("")
    return unsafe CompiledPattern.compile("(?C1)(?:\(translated))", nil, &fault)
  }

  private static func compile(
    _ text: String, _ java: JavaPattern?, _ fault: inout PatternFault
  ) -> OpaquePointer? {
    let options = UInt32(PCRE2_UTF) | UInt32(PCRE2_NEVER_BACKSLASH_C)
    var status: Int32 = 0
    var offset = 0
    let bytes = Array(text.utf8)
    let compiled = unsafe bytes.withUnsafeBufferPointer { pattern in
      unsafe pcre2_compile_8(pattern.baseAddress, pattern.count, options, &status, &offset, nil)
    }
    guard let compiled = unsafe compiled else {
      // Two faults are told where they begin, the others behind what is wrong.
      let isStart =
        status == PCRE2_ERROR_QUANTIFIER_INVALID
        || status == PCRE2_ERROR_LOOKBEHIND_NOT_FIXED_LENGTH
      let end = isStart ? offset : max(0, offset - 1)
      fault = PatternFault(message(status), at: java?.place(ofOffset: end) ?? 0)
      return nil
    }
    // Where there is no such thing on a processor, the interpreter does it.
    _ = unsafe pcre2_jit_compile_8(compiled, UInt32(PCRE2_JIT_COMPLETE))
    return unsafe compiled
  }

  deinit { unsafe pcre2_code_free_8(code) }

  private static func message(_ status: Int32) -> String {
    var buffer = [UInt8](repeating: 0, count: 256)
    let length = unsafe pcre2_get_error_message_8(status, &buffer, buffer.count)
    return String(decoding: buffer.prefix(max(0, Int(length))), as: UTF8.self)
  }

  /// The number of a named group; nil when there is none.
  func group(named name: String) -> Int? {
    var bytes = Array(name.utf8)
    bytes.append(0)
    let number = unsafe pcre2_substring_number_from_name_8(code, bytes)
    return number > 0 ? Int(number) : nil
  }
}

/// Looks for a pattern in texts, one after the other.
@safe
final class PatternMatcher {
  // SAFETY: owned by this object alone, freed with it.
  private let data: OpaquePointer
  private let context: OpaquePointer
  private let deadline: UnsafeMutablePointer<Int64>
  private var watchedCode: OpaquePointer?
  private let pattern: CompiledPattern

  /// Steps from one place of a text: what takes a processor a tenth of a second. A pattern such as
  /// `(a+)+b` takes twice as many for each further letter.
  private static let stepsMax: UInt32 = 5_000_000
  /// KiB.
  private static let memoryMax: UInt32 = 1 << 16
  /// Texts with more places than this, each of which may take as many steps, are watched by the
  /// clock as well; shorter ones are not worth what that costs.
  private static let unwatchedMax = 1024
  /// Seconds for a text.
  private static let secondsMax: Int64 = 5

  init(_ pattern: CompiledPattern) {
    self.pattern = pattern
    guard let data = unsafe pcre2_match_data_create_from_pattern_8(pattern.code, nil),
      let context = unsafe pcre2_match_context_create_8(nil)
    else { fatalError("out of memory") }
    unsafe self.data = data
    unsafe self.context = context
    unsafe deadline = .allocate(capacity: 1)
    unsafe deadline.initialize(to: 0)
    _ = unsafe pcre2_set_match_limit_8(context, PatternMatcher.stepsMax)
    _ = unsafe pcre2_set_heap_limit_8(context, PatternMatcher.memoryMax)
    _ = unsafe pcre2_set_callout_8(context, isTooLate, deadline)
  }

  deinit {
    unsafe pcre2_match_data_free_8(data)
    unsafe pcre2_match_context_free_8(context)
    unsafe pcre2_code_free_8(watchedCode)
    unsafe deadline.deallocate()
  }

  /// The code for a text of some length.
  @unsafe
  private func code(_ count: Int) -> OpaquePointer {
    if count <= PatternMatcher.unwatchedMax { return unsafe pattern.code }
    if unsafe watchedCode == nil { unsafe watchedCode = pattern.watched() }
    return unsafe watchedCode ?? pattern.code
  }

  /// - Parameters:
  ///   - text: valid UTF-8.
  ///   - start: where to begin; what stands before it can be looked back at.
  /// - Returns: where the first match is; nil when there is none.
  func match(_ text: Span<UInt8>, from start: Int = 0) throws -> Range<Int>? {
    if start == 0, text.count > PatternMatcher.unwatchedMax {
      unsafe deadline.pointee = coarseSecond() + PatternMatcher.secondsMax
    }
    // An empty span may have no address.
    let count = text.count
    let source = count == 0 ? PatternMatcher.blank.span : text
    let status = unsafe source.withUnsafeBufferPointer { bytes in
      unsafe run(bytes.baseAddress, count, start, interprets: false)
    }
    if status >= 0 { return range(0) }
    guard status != PCRE2_ERROR_NOMATCH else { return nil }
    throw Reason(
      "REGEX_LIMIT_EXCEEDED",
      "the regular expression '\(pattern.source.prefix(60))' takes too long on a text of "
        + "\(text.count) bytes",
      hint: "repeats inside of repeats are slow: (a+)+b is a+b")
  }

  private static let blank: [UInt8] = [0]

  @unsafe
  private func run(
    _ text: UnsafePointer<UInt8>?, _ count: Int, _ start: Int, interprets: Bool
  ) -> Int32 {
    let options = UInt32(PCRE2_NO_UTF_CHECK) | (interprets ? UInt32(PCRE2_NO_JIT) : 0)
    let status = unsafe pcre2_match_8(code(count), text, count, start, options, data, context)
    // The machine code has a small stack; the interpreter keeps what it has to on the heap.
    return status == PCRE2_ERROR_JIT_STACKLIMIT && !interprets
      ? unsafe run(text, count, start, interprets: true) : status
  }

  var groupCount: Int { pattern.groupCount }

  func group(named name: String) -> Int? { pattern.group(named: name) }

  /// Where a group of the last match is; nil when it took no part.
  func range(_ group: Int) -> Range<Int>? {
    guard group <= pattern.groupCount, let places = unsafe pcre2_get_ovector_pointer_8(data) else {
      return nil
    }
    let (start, end) = unsafe (places[group * 2], places[group * 2 + 1])
    // What takes no part is at the largest number; \K can put the start behind the end.
    guard start != Int.max, start != -1, Int(start) <= Int(end) else { return nil }
    return Int(start)..<Int(end)
  }

  /// Each match in turn, as Java finds them: behind an empty one, one character on.
  ///
  /// - Parameter body: false ends the search.
  func forEachMatch(in text: Span<UInt8>, _ body: (Range<Int>) throws -> Bool) throws {
    var start = 0
    while start <= text.count, let found = try match(text, from: start) {
      guard try body(found) else { return }
      start = found.upperBound
      if found.isEmpty {
        start += 1
        while start < text.count, text[start] & 0xC0 == 0x80 { start += 1 }
      }
    }
  }
}

/// Seconds on a clock that only goes forward; cheap and not exact.
private func coarseSecond() -> Int64 {
  var time = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
  return Int64(time.tv_sec)
}

/// Ends a match whose time is up: called by PCRE with what was set for the context.
private func isTooLate(
  _ block: UnsafeMutablePointer<pcre2_callout_block_8>?, _ deadline: UnsafeMutableRawPointer?
) -> Int32 {
  guard let deadline = unsafe deadline else { return 0 }
  // SAFETY: the matcher gave a pointer to its own deadline, which lives longer than the match.
  return unsafe coarseSecond() > deadline.load(as: Int64.self) ? PCRE2_ERROR_MATCHLIMIT : 0
}
