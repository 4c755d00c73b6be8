import Columnar
import Expressions

/// The states of keys: texts that are somebody else's, each with the time that its timeout counts
/// from.
struct KeptStates: ~Copyable {
  /// In place of a time: no timeout is to come.
  static let never = Int64.min

  let schema: Schema
  /// How long a key may be silent, in µs; nil: for ever.
  let timeout: Int64?
  /// Numbers keys; those without a state keep theirs until the table is made anew.
  var table: GroupTable
  /// An empty text for a key without a state.
  var texts = ByteSlots()
  /// When each key was last heard of, by its number; ``never`` where that does not count.
  var times = MutableBuffer<Int64>()
  /// Keys by the time at which they may time out: those that were heard of since are put back.
  private var queue = ExpiryQueue()
  /// The first time at which the queue gives each key out; ``never`` if it does not have it.
  private var queuedTimes = MutableBuffer<Int64>()
  /// What is in the queue belongs to the keys as they are.
  var isSettled = true
  /// How many keys have a state.
  var count = 0
  var isSaving = false
  var changes = KeyChanges()

  init(_ plan: KeyedPlan) {
    schema = plan.stateSchema
    timeout = plan.timeout?.duration
    table = GroupTable(keyTypes: plan.keys.map(\.type))
  }

  /// The memory that was allocated for them.
  var byteCount: Int {
    table.byteCount + texts.byteCount + (times.capacity + queuedTimes.capacity) * 8
      + queue.byteCount + changes.byteCount
  }

  /// The number of the key of each row; new keys are numbered.
  mutating func numbers(of keys: [Column], rowCount: Int) throws -> Buffer<Int32> {
    let numbers = try table.groups(of: keys, rowCount: rowCount)
    makeRoom()
    return numbers
  }

  /// For keys that were numbered.
  mutating func makeRoom() {
    let missing = table.count - texts.count
    texts.appendEmpty(count: missing)
    times.append(repeating: KeptStates.never, count: missing)
    queuedTimes.append(repeating: KeptStates.never, count: missing)
  }

  func hasState(_ number: Int32) -> Bool { texts.length(Int(number)) > 0 }

  /// The states of some keys; null where there is none.
  func states(of numbers: Buffer<Int32>) -> Column {
    let numbers = numbers.span
    var strings = ByteStringsBuilder(capacity: numbers.count)
    var validity = ValidityBuilder()
    for slot in numbers.indices {
      strings.append(texts[Int(numbers[slot])])
      validity.append(hasState(numbers[slot]))
    }
    return Column(.string, .bytes(strings.take()), validity: validity.take())
  }

  /// About what a key and its state take in a batch.
  func byteCount(of number: Int) -> Int {
    table.keyByteCount(of: number) + texts.length(number) + 4
  }

  // MARK: - Changes

  /// Replaces the state of a key.
  ///
  /// - Parameters:
  ///   - text: empty for no state.
  ///   - time: when the key was last heard of; nil: its timeout does not count any more.
  mutating func set(_ number: Int32, to text: borrowing Span<UInt8>, heardOf time: Int64?) {
    let slot = Int(number)
    let had = hasState(number)
    let isSame = text.count == texts.length(slot) && texts[slot].hasElements(of: text)
    if !isSame { texts.replace(slot, with: text) }
    let has = text.count > 0
    let former = times[slot]
    times[slot] = !has || timeout == nil ? KeptStates.never : time ?? KeptStates.never
    if had != has { count += has ? 1 : -1 }
    enqueue(number)
    guard isSaving, had || has, !isSame || former != times[slot] else { return }
    changes.add(number, wasKnown: had)
  }

  /// The time of a key and the time that it was heard of since: the later one.
  func latest(_ number: Int32, _ time: Int64?) -> Int64? {
    let former = times[Int(number)]
    guard let time else { return former == KeptStates.never ? nil : former }
    return max(former, time)
  }

  // MARK: - Timeouts

  /// When a key times out, if it is not heard of.
  private func deadline(_ slot: Int) -> Int64? {
    guard let timeout, times[slot] != KeptStates.never else { return nil }
    let (sum, overflows) = times[slot].addingReportingOverflow(timeout)
    return overflows ? ExpiryQueue.never - 1 : min(sum, ExpiryQueue.never - 1)
  }

  private mutating func enqueue(_ number: Int32) {
    let slot = Int(number)
    guard let deadline = deadline(slot) else { return }
    let queued = queuedTimes[slot]
    if queued != KeptStates.never, queued <= deadline { return }
    queue.insert(number, expiring: deadline)
    queuedTimes[slot] = deadline
  }

  /// The keys with a state that have been silent for too long, the longest first; of equal ones in
  /// the order of the keys. Their states are to be set.
  ///
  /// - Parameter now: never falls.
  mutating func takeSilent(at now: Int64) -> Buffer<Int32> {
    settle()
    var due: [(deadline: Int64, number: Int32)] = []
    for number in queue.advance(to: now) {
      let slot = Int(number)
      // Another entry of the key may be further back in the queue.
      if queuedTimes[slot] <= now { queuedTimes[slot] = KeptStates.never }
      guard let deadline = deadline(slot) else { continue }
      if deadline > now {
        enqueue(number)
      } else {
        due.append((deadline, number))
      }
    }
    return sorted(due)
  }

  private func sorted(_ due: [(deadline: Int64, number: Int32)]) -> Buffer<Int32> {
    guard due.count > 1 else { return Buffer(due.map(\.number)) }
    let all = Buffer(due.map(\.number))
    var names: [[UInt8]] = []
    for slice in all.slices(byteCount: { table.keyByteCount(of: $0) }) {
      let columns = table.keys(of: slice)
      names += (0..<slice.count).map { row in
        var bytes = MutableBuffer<UInt8>()
        let encoding = OrderedEncoding(normalizing: false)
        for column in columns { encoding.appendMember(column, row, to: &bytes) }
        return bytes.take().elements
      }
    }
    let order = due.indices.sorted { left, right in
      due[left].deadline != due[right].deadline
        ? due[left].deadline < due[right].deadline
        : names[left].lexicographicallyPrecedes(names[right])
    }
    // A key that was put into the queue twice comes out twice, side by side.
    let numbers = order.map { due[$0].number }
    let first = numbers.indices.filter { $0 == 0 || numbers[$0] != numbers[$0 - 1] }
    return Buffer(first.map { numbers[$0] })
  }

  /// Fills the queue when the keys were not numbered one by one.
  mutating func settle() {
    if isSettled { return }
    isSettled = true
    queue = ExpiryQueue()
    for slot in 0..<queuedTimes.count { queuedTimes[slot] = KeptStates.never }
    for slot in 0..<table.count { enqueue(Int32(truncatingIfNeeded: slot)) }
  }

  // MARK: - Memory

  /// Gives the memory of keys without a state back when they are in the majority. Nobody may hold
  /// numbers of keys, those of changes among them.
  ///
  /// - Returns: whether keys are numbered anew.
  mutating func shrink() throws -> Bool {
    guard table.count > 2 * count + 1024 else { return false }
    let living = self.living
    var smaller = GroupTable(keyTypes: table.keyTypes)
    var keptTexts = ByteSlots()
    var keptTimes = MutableBuffer<Int64>(capacity: living.count)
    for slice in living.slices(byteCount: { table.keyByteCount(of: $0) }) {
      _ = try smaller.groups(of: table.keys(of: slice), rowCount: slice.count)
      for row in 0..<slice.count {
        keptTexts.append(texts[Int(slice[row])])
        keptTimes.append(times[Int(slice[row])])
      }
    }
    table = smaller
    texts = keptTexts
    times = keptTimes
    queuedTimes = MutableBuffer()
    queuedTimes.append(repeating: KeptStates.never, count: living.count)
    changes = KeyChanges()
    isSettled = false
    return true
  }

  /// The keys that have a state, in the order of their numbers.
  var living: Buffer<Int32> {
    var living = MutableBuffer<Int32>(capacity: count)
    for number in 0..<table.count where texts.length(number) > 0 {
      living.append(Int32(truncatingIfNeeded: number))
    }
    return living.take()
  }
}

extension Span<UInt8> {
  /// - Parameter other: as many bytes.
  fileprivate func hasElements(of other: borrowing Span<UInt8>) -> Bool {
    for index in indices where self[index] != other[index] { return false }
    return true
  }
}
