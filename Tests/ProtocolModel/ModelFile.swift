/// An append log: a durable part and a suffix that only the page cache has.
struct ModelFile<Record: Hashable & Sendable>: Hashable, Sendable {
  private(set) var records: [Record] = []
  private var durableCount: UInt8 = 0
  /// Before this record, or at the end, stands a line that a power loss has torn.
  private var tornIndex: UInt8?

  /// Whether an fsync has failed: the page cache holds records that it will never write.
  private var isForsaken = false

  mutating func append(_ record: Record) { records.append(record) }

  mutating func fsync() {
    if !isForsaken { durableCount = UInt8(records.count) }
  }

  /// After this a further fsync succeeds, and makes nothing durable.
  mutating func failFsync() { isForsaken = true }

  /// What a reader finds: an incomplete last line is ignored, one in the middle is damage.
  func read(_ name: String) throws(Violation) -> [Record] {
    if let tornIndex, tornIndex < records.count {
      throw Violation("\(name) is damaged in the middle: status 74 at every start from now on")
    }
    return records
  }

  /// Written anew aside, fsynced, renamed and the directory fsynced: one durable step, as a power
  /// loss within it leaves the old file or the new one.
  mutating func rewrite(keeping isKept: (Record) -> Bool = { _ in true }) {
    records.removeAll { !isKept($0) }
    durableCount = UInt8(records.count)
    tornIndex = nil
    isForsaken = false
  }

  /// What a start does to its own log before it uses it.
  mutating func recover(_ mends: Mends) {
    if mends.contains(.durableTails) {
      if mends.contains(.rewritesLogs) { isForsaken = false }
      fsync()
    }
    if mends.contains(.cutsTornTails) {
      tornIndex = nil
    }
  }

  /// In how many ways a power loss can leave this file.
  func survivorCount(tears: Bool) -> Int {
    let lost = records.count - Int(durableCount)
    return tears ? 2 * lost + 1 : lost + 1
  }

  /// Keeps a prefix of the suffix that was not durable; an odd `choice` leaves a torn line after it.
  mutating func losePower(choice: Int, tears: Bool) {
    let lost = records.count - Int(durableCount)
    let kept = tears ? (choice + 1) / 2 : choice
    if tears, choice % 2 == 1 {
      records.removeLast(lost - kept + 1)
      if tornIndex == nil { tornIndex = UInt8(records.count) }
    } else {
      records.removeLast(lost - kept)
    }
    durableCount = UInt8(records.count)
    isForsaken = false
  }
}

/// What a file of the target holds: an epoch's rows, in the format of the plan that wrote it.
struct Part: Hashable, Sendable {
  var epoch: UInt8
  var rows: Rows
  var format: UInt8
}

/// The directory of a file sink. Every change of a name makes a new image; the first image is the
/// durable one, the last is what a reader sees, and a power loss leaves any of them.
struct Directory: Hashable, Sendable {
  struct Image: Hashable, Sendable {
    /// Files under a name that no reader looks at.
    var asides: [Part] = []
    /// Files under their final names, by epoch.
    var finals: [Part] = []
  }

  private var images = [Image()]

  var current: Image { images[images.count - 1] }

  var imageCount: Int { images.count }

  /// A new file and its fsync: its content is durable, its name is not.
  mutating func writeAside(_ part: Part) {
    var image = current
    image.asides.removeAll { $0.epoch == part.epoch }
    image.asides.append(part)
    push(image)
  }

  mutating func rename(epoch: UInt8) {
    var image = current
    guard let index = image.asides.firstIndex(where: { $0.epoch == epoch }) else { return }
    let part = image.asides.remove(at: index)
    image.finals.removeAll { $0.epoch == epoch }
    image.finals.append(part)
    push(image)
  }

  mutating func removeAsides() {
    var image = current
    image.asides = []
    push(image)
  }

  mutating func fsync() { images = [current] }

  mutating func losePower(choice: Int) { images = [images[choice]] }

  private mutating func push(_ image: Image) {
    if image != current { images.append(image) }
  }
}
