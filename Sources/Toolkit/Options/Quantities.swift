package import Diagnostics
internal import Glibc
package import Scalars

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

/// How many threads may parse: `--threads`, else `STREAM_THREADS`.
///
/// - Parameter text: of the option; nil where it is not given.
/// - Returns: nil where neither says it.
package func parseThreadCount(_ text: String?) throws(StreamError) -> Int? {
  guard let given = text ?? environment("STREAM_THREADS") else { return nil }
  let origin = text == nil ? "STREAM_THREADS" : "--threads"
  return min(256, Int(try parseCount(given, option: origin, atLeast: 1)))
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

/// The value of `--timezone`: `UTC`, `+01:00`, `Europe/Zurich`.
package func parseTimezone(_ text: String) throws(StreamError) -> TimeZone {
  do throws(ZoneError) {
    return try TimeZone(named: text)
  } catch .unknown {
    throw StreamError(
      .usage,
      "--timezone: '\(text)' is neither an offset such as '+01:00' nor a region",
      hint: "regions are the files below /usr/share/zoneinfo (or TZDIR), such as 'Europe/Zurich'; "
        + "the package tzdata has them")
  } catch {
    throw StreamError(.usage, "--timezone: the zone file of '\(text)' is damaged")
  }
}
