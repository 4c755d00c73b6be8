internal import Glibc
internal import Synchronization

/// Why a text names no zone.
package enum ZoneError: Error, Equatable {
  /// Neither an offset nor the name of a region.
  case unknown
  /// The file of the region is there and cannot be used.
  case unusable(ZoneFileError)
}

extension TimeZone {
  /// The zone that a text names, as Spark (and Java behind it) reads it: `Z`, `UTC`, `+01:00`,
  /// `-0530`, `+01:02:03`, `GMT+2`, `UTC-03:30`, a region such as `Europe/Zurich`, or an
  /// abbreviation that Java knows (`PST`, `IST`).
  ///
  /// Regions are those of the system's zone files, below `TZDIR` or `/usr/share/zoneinfo`.
  package init(named text: String) throws(ZoneError) {
    if let offset = ZoneName.offset(text) {
      self = .fixed(offset)
    } else {
      self = try ZoneCache.zone(named: text)
    }
  }
}

/// The grammar of zone names.
enum ZoneName {
  /// - Returns: seconds east of Greenwich; nil for what may be a region.
  static func offset(_ text: String) -> Int? {
    let bytes = Array(text.utf8)
    switch text {
    case "Z", "UTC", "GMT", "UT": return 0
    default: break
    }
    for prefix in ["UTC", "GMT", "UT", ""] where bytes.starts(with: prefix.utf8) {
      let rest = bytes[prefix.utf8.count...]
      guard let sign = rest.first, sign == 0x2B || sign == 0x2D,
        let offset = distance(Array(rest.dropFirst()))
      else { continue }
      return sign == 0x2D ? -offset : offset
    }
    return nil
  }

  /// Seconds of `h`, `hh`, `h:m` to `hh:mm`, `hhmm`, `hh:mm:ss`, `hhmmss`; nil beyond 18 hours.
  private static func distance(_ bytes: [UInt8]) -> Int? {
    var parts: [Int] = []
    if bytes.contains(UInt8(ascii: ":")) {
      let texts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
      // Only hours, and minutes at the end, may have a single digit.
      guard texts.count <= 3, texts.count == 2 || texts[1].count == 2 else { return nil }
      for (index, text) in texts.enumerated() {
        guard text.count == 2 || text.count == 1 && index < 2, let number = number(text) else {
          return nil
        }
        parts.append(number)
      }
    } else {
      guard [1, 2, 4, 6].contains(bytes.count) else { return nil }
      for start in stride(from: 0, to: bytes.count, by: 2) {
        guard let number = number(bytes[start..<min(start + 2, bytes.count)]) else { return nil }
        parts.append(number)
      }
    }
    guard parts.dropFirst().allSatisfy({ $0 < 60 }) else { return nil }
    while parts.count < 3 { parts.append(0) }
    let total = parts[0] * 3600 + parts[1] * 60 + parts[2]
    return total <= 18 * 3600 ? total : nil
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    guard digits.allSatisfy({ $0 &- 0x30 <= 9 }) else { return nil }
    return digits.reduce(0) { $0 * 10 + Int($1 &- 0x30) }
  }

  /// Whether a text can name a region: it must never lead out of the folder of the zone files.
  static func isRegion(_ text: String) -> Bool {
    guard (2...64).contains(text.utf8.count) else { return false }
    let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    let isWellFormed = parts.allSatisfy { part in
      guard let first = part.first, isLetter(first) else { return false }
      return part.allSatisfy { byte in
        isLetter(byte) || byte &- 0x30 <= 9 || [0x2B, 0x2D, 0x2E, 0x5F, 0x7E].contains(byte)
      }
    }
    let strangers = [
      "posix", "right", "posixrules", "localtime", "leapseconds", "Factory", "ROC", "SystemV",
    ]
    return isWellFormed && !strangers.contains { $0.utf8.elementsEqual(parts[0]) }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
  }

  /// Abbreviations that Java reads as regions or offsets.
  static let abbreviations: [String: String] = [
    "ACT": "Australia/Darwin", "AET": "Australia/Sydney", "AGT": "America/Argentina/Buenos_Aires",
    "ART": "Africa/Cairo", "AST": "America/Anchorage", "BET": "America/Sao_Paulo",
    "BST": "Asia/Dhaka", "CAT": "Africa/Harare", "CNT": "America/St_Johns",
    "CST": "America/Chicago", "CTT": "Asia/Shanghai", "EAT": "Africa/Addis_Ababa",
    "ECT": "Europe/Paris", "EST": "-05:00", "HST": "-10:00",
    "IET": "America/Indiana/Indianapolis", "IST": "Asia/Kolkata", "JST": "Asia/Tokyo",
    "MIT": "Pacific/Apia", "MST": "-07:00", "NET": "Asia/Yerevan", "NST": "Pacific/Auckland",
    "PLT": "Asia/Karachi", "PNT": "America/Phoenix", "PRT": "America/Puerto_Rico",
    "PST": "America/Los_Angeles", "SST": "Pacific/Guadalcanal", "VST": "Asia/Ho_Chi_Minh",
  ]
}

/// The regions that were asked for, so that a file is read once.
private enum ZoneCache {
  /// There are some 600 regions; whatever a folder may hold, this is enough.
  private static let countMax = 1000
  private static let zones = Mutex<[String: Result<TimeZone, ZoneError>]>([:])

  static func zone(named text: String) throws(ZoneError) -> TimeZone {
    // What can be no name is not kept: rows may bring any number of such, of any length.
    let name = ZoneName.abbreviations[text] ?? text
    if let offset = ZoneName.offset(name) { return .fixed(offset) }
    guard ZoneName.isRegion(name) else { throw .unknown }
    let known = zones.withLock { $0[name] }
    if let known { return try known.get() }
    guard let bytes = ZoneFiles.bytes(of: name) else { throw .unknown }
    let found = rules(name, bytes.span)
    zones.withLock { zones in
      if zones.count < countMax { zones[name] = found }
    }
    return try found.get()
  }

  private static func rules(_ name: String, _ file: Span<UInt8>) -> Result<TimeZone, ZoneError> {
    do throws(ZoneFileError) {
      return .success(.region(try ZoneRules(name: name, file: file)))
    } catch {
      return .failure(error == .notAZoneFile ? .unknown : .unusable(error))
    }
  }
}

private enum ZoneFiles {
  /// Far beyond the largest zone file.
  private static let byteCountMax = 1 << 18

  /// - Returns: nil when there is no such file, or none of a zone's size.
  static func bytes(of name: String) -> [UInt8]? {
    let folder = unsafe getenv("TZDIR").map { unsafe String(cString: $0) } ?? ""
    let path = "\(folder.isEmpty ? "/usr/share/zoneinfo" : folder)/\(name)"
    // A pipe in the folder must not hold us up.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      (1...byteCountMax).contains(Int(status.st_size))
    else { return nil }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var filled = 0
    while filled < bytes.count {
      let count = unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe read(
          descriptor, buffer.baseAddress.map { unsafe $0 + filled }, buffer.count - filled)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return nil }
      filled += count
    }
    return bytes
  }
}
