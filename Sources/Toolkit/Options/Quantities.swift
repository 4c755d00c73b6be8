package import Diagnostics
internal import Glibc
internal import Scalars

/// The value of an option such as `--linger`: `250ms`, `10s`, `'10 minutes'`, `-5m`.
///
/// - Parameter option: with its dashes, for the error.
/// - Returns: µs.
/// - Throws: a usage error that quotes the text.
package func parseDuration(_ text: String, option: String) throws(StreamError) -> Int64 {
  do {
    return try parseDuration(text)
  } catch {
    throw StreamError(.usage, "\(option): '\(text)' is not a duration: \(error.message)")
  }
}

/// The value of an option such as `--max-bytes`: `4096`, `64k`, `16M`.
package func parseByteCount(_ text: String, option: String) throws(StreamError) -> Int64 {
  do {
    return try parseByteSize(text)
  } catch {
    throw StreamError(.usage, "\(option): '\(text)' is not a size: \(error.message)")
  }
}

/// A whole number of things, at least `minimum`.
package func parseCount(
  _ text: String, option: String, atLeast minimum: Int64 = 0
) throws(StreamError) -> Int64 {
  guard let count = Int64(text), count >= minimum else {
    let expected = minimum == 0 ? "a whole number" : "a whole number of at least \(minimum)"
    throw StreamError(.usage, "\(option): expected \(expected) but found '\(text)'")
  }
  return count
}

/// The memory of this machine, in bytes.
package var memoryByteCount: Int { sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)) }

/// The value of `--state-memory`, in bytes; half of the machine's memory when it is not given.
package func parseStateMemory(_ text: String?) throws(StreamError) -> Int {
  guard let text else { return memoryByteCount / 2 }
  let count = try parseByteCount(text, option: "--state-memory")
  guard count > 0 else {
    throw StreamError(
      .usage, "--state-memory: expected at least one byte but found '\(text)'")
  }
  return Int(count)
}

/// The value of `--timezone`: `UTC`, `+01:00`.
///
/// - Returns: µs east of Greenwich.
package func parseTimezone(_ text: String) throws(StreamError) -> Int64 {
  do {
    return Int64(try parseZoneOffset(Array(text.utf8).span)) * 1_000_000
  } catch {
    throw StreamError(
      .usage, "--timezone: expected 'UTC' or an offset such as '+01:00' but found '\(text)'")
  }
}
