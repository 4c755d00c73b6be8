package import JSONText

/// How much of the input was not yet read when an epoch closed, where the source knows: rows or
/// bytes, as the source counts its offsets.
package struct Backlog {
  package let amount: Int64

  /// - Parameters:
  ///   - end: where the epoch ends in the input.
  ///   - latest: what the input holds, in the same form.
  /// - Returns: nil when the two cannot be compared.
  package init?(end: JSON?, latest: JSON?) {
    guard let latest, !latest.isNull, let amount = Backlog.distance(end ?? .null, latest) else {
      return nil
    }
    self.amount = amount
  }

  private static func distance(_ end: JSON, _ latest: JSON) -> Int64? {
    if let latest = latest.int64 { return max(0, difference(latest, end.int64 ?? 0)) }
    guard let members = latest.members, !members.isEmpty else { return nil }
    var parts: [Int64] = []
    for member in members {
      // Names and other marks of a place say nothing of the distance.
      guard member.value.int64 != nil || member.value.members != nil else { continue }
      guard let part = distance(end[member.key] ?? .null, member.value) else { continue }
      parts.append(part)
    }
    return parts.isEmpty ? nil : sum(parts)
  }
}
