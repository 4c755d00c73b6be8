/// What comes out of something that may have to wait.
package enum Supply<Item> {
  case item(Item)
  /// Nothing until the deadline. When it is the input that has nothing, and not the work that goes
  /// on: since when, by the monotonic clock (µs).
  case nothingYet(idleSince: Int64?)
  case end
}

extension Supply: Sendable where Item: Sendable {}

/// Items that are fetched one after the other, worked on side by side, and given out in the order
/// in which they were fetched.
///
/// It begins on the caller's thread alone; ``startThreads(_:)`` makes it parallel. At most
/// `capacity` items are under way, so memory stays bounded however slow the caller is.
package final class OrderedWorkers<Item: Sendable, Output: Sendable>: @unchecked Sendable {
  package typealias Fetch = (Deadline) throws -> Supply<Item>

  /// Called by one thread at a time; not again after it has said `end` or thrown.
  private let fetch: Fetch
  private let work: @Sendable (Item) -> Output

  private let lock = Lock()
  private let room: Condition
  private let ready: Condition
  /// Item `n` has its place at `n % slots.count`.
  private var slots: [Output?] = []
  /// The item that is given out next, and the one that is fetched next.
  private var head = 0
  private var tail = 0
  private var isFetching = false
  private var isEnded = false
  private var failure: (any Error)?
  private var idleSince: Int64?
  /// Whether the caller knows that the input is idle.
  private var hasToldIdle = false
  package private(set) var threadCount = 0

  /// - Parameters:
  ///   - fetch: waits for the next item until a deadline.
  ///   - work: what is done to an item; on any thread.
  package init(fetch: @escaping Fetch, work: @escaping @Sendable (Item) -> Output) {
    self.fetch = fetch
    self.work = work
    room = Condition(lock)
    ready = Condition(lock)
  }

  /// From now on items are fetched and worked on ahead of the caller; once.
  ///
  /// - Parameter capacity: how many items may be under way or wait for the caller.
  package func startThreads(_ count: Int, capacity: Int) {
    precondition(threadCount == 0 && capacity > 0)
    guard !isEnded else { return }
    lock.withLock { slots = Array(repeating: nil, count: capacity) }
    for _ in 0..<count {
      guard startThread({ self.runWorker() }) else { return }
      threadCount += 1
    }
  }

  /// The next output.
  ///
  /// It also returns, once, at the moment when it turns out that the input has nothing more at
  /// present and that nothing is under way.
  ///
  /// - Throws: what `fetch` threw, after the outputs of all items before.
  package func next(until deadline: Deadline) throws -> Supply<Output> {
    threadCount == 0 ? try nextAlone(until: deadline) : try nextOfWorkers(until: deadline)
  }

  private func nextAlone(until deadline: Deadline) throws -> Supply<Output> {
    if isEnded {
      if let failure { throw failure }
      return .end
    }
    do {
      switch try fetch(hasToldIdle ? deadline : .now) {
      case .item(let item):
        hasToldIdle = false
        return .item(work(item))
      case .nothingYet(let since):
        hasToldIdle = true
        return .nothingYet(idleSince: since)
      case .end:
        isEnded = true
        return .end
      }
    } catch {
      isEnded = true
      failure = error
      throw error
    }
  }

  private func nextOfWorkers(until deadline: Deadline) throws -> Supply<Output> {
    lock.lock()
    defer { lock.unlock() }
    while true {
      if head < tail, let output = slots[head % slots.count] {
        slots[head % slots.count] = nil
        head += 1
        hasToldIdle = false
        room.signal()
        return .item(output)
      }
      if head == tail {
        if isEnded {
          if let failure { throw failure }
          return .end
        }
        if let idleSince, !hasToldIdle {
          hasToldIdle = true
          return .nothingYet(idleSince: idleSince)
        }
      }
      guard ready.wait(until: deadline) else {
        return .nothingYet(idleSince: head == tail ? idleSince : nil)
      }
    }
  }
}

// MARK: - The workers

extension OrderedWorkers {
  private func runWorker() {
    while let (number, item) = claim() {
      let output = work(item)
      lock.withLock {
        slots[number % slots.count] = output
        if number == head { ready.signal() }
      }
    }
  }

  /// Fetches the next item when it is this thread's turn.
  ///
  /// - Returns: nil when there is no more.
  private func claim() -> (number: Int, item: Item)? {
    let mayFetch = lock.withLock {
      while !isEnded && (isFetching || tail - head == slots.count) { room.wait() }
      if isEnded { return false }
      isFetching = true
      return true
    }
    guard mayFetch else { return nil }
    let fetched = Result { try fetchWaiting() }

    lock.lock()
    defer { lock.unlock() }
    isFetching = false
    idleSince = nil
    switch fetched {
    case .success(let item?):
      tail += 1
      room.signal()
      return (tail - 1, item)
    case .success(nil): break
    case .failure(let error): failure = error
    }
    isEnded = true
    room.broadcast()
    ready.signal()
    return nil
  }

  private func fetchWaiting() throws -> Item? {
    var deadline = Deadline.now
    while true {
      switch try fetch(deadline) {
      case .item(let item): return item
      case .end: return nil
      case .nothingYet(let since):
        lock.withLock {
          idleSince = since
          ready.signal()
        }
        deadline = .never
      }
    }
  }
}
