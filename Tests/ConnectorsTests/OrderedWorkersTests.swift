import Connectors
import Glibc
import Synchronization
import TestSupport
import Testing

@Suite("Ordered workers")
struct OrderedWorkersTests {
  private struct Refusal: Error, Equatable {}

  /// Counts up to `count`, then ends.
  private func counting(to count: Int) -> (Deadline) throws -> Supply<Int> {
    var number = 0
    return { _ in
      guard number < count else { return .end }
      number += 1
      return .item(number - 1)
    }
  }

  private func all(_ workers: OrderedWorkers<Int, Int>) throws -> [Int] {
    var outputs: [Int] = []
    while true {
      switch try workers.next(until: .never) {
      case .item(let output): outputs.append(output)
      case .nothingYet: continue
      case .end: return outputs
      }
    }
  }

  @Test("give out in order what they finish out of order", arguments: [0, 1, 2, 5])
  func order(threads: Int) throws {
    var random = SplitMix64(seed: 7)
    let delays = (0..<300).map { _ in UInt32(random.next() % 300) }
    let workers = OrderedWorkers(fetch: counting(to: 300)) { (item: Int) in
      usleep(delays[item])
      return item * 2
    }
    if threads > 0 { workers.startThreads(threads, capacity: threads + 2) }
    #expect(try all(workers) == (0..<300).map { $0 * 2 })
    #expect(workers.threadCount == threads)
  }

  @Test("become parallel in the middle")
  func startLate() throws {
    let workers = OrderedWorkers(fetch: counting(to: 100)) { (item: Int) in item }
    for expected in 0..<10 {
      guard case .item(expected) = try workers.next(until: .never) else {
        Issue.record("expected item \(expected)")
        return
      }
    }
    workers.startThreads(2, capacity: 4)
    #expect(try all(workers) == Array(10..<100))
  }

  @Test("never fetch more than the capacity ahead of the caller")
  func capacity() throws {
    let fetched = Atomic<Int>(0)
    let worked = Atomic<Int>(0)
    let count = counting(to: 50)
    let workers = OrderedWorkers(fetch: { deadline in
      fetched.add(1, ordering: .relaxed)
      return try count(deadline)
    }) { (item: Int) in
      worked.add(1, ordering: .relaxed)
      return item
    }
    workers.startThreads(3, capacity: 4)
    // They stop by themselves once all places are taken.
    while worked.load(ordering: .relaxed) < 4 { usleep(100) }
    usleep(2000)
    #expect(fetched.load(ordering: .relaxed) == 4)
    #expect(try all(workers) == Array(0..<50))
  }

  @Test("throw what the fetch threw, behind all that came before", arguments: [0, 2])
  func failure(threads: Int) throws {
    let count = counting(to: 20)
    let workers = OrderedWorkers<Int, Int>(fetch: { deadline in
      let supply = try count(deadline)
      if case .end = supply { throw Refusal() }
      return supply
    }) { $0 }
    if threads > 0 { workers.startThreads(threads, capacity: 3) }
    for expected in 0..<20 {
      guard case .item(expected) = try workers.next(until: .never) else {
        Issue.record("expected item \(expected)")
        return
      }
    }
    #expect(throws: Refusal.self) { try workers.next(until: .never) }
    #expect(throws: Refusal.self) { try workers.next(until: .never) }
  }

  @Test("tell once that the input is idle, then wait", arguments: [0, 2])
  func idle(threads: Int) throws {
    let isOpen = Atomic<Bool>(false)
    let workers = OrderedWorkers<Int, Int>(fetch: { deadline in
      while !isOpen.load(ordering: .relaxed) {
        if Moment.now.uptime >= deadline.uptime { return .nothingYet(idleSince: 42) }
        usleep(200)
      }
      isOpen.store(false, ordering: .relaxed)
      return .item(1)
    }) { $0 }
    if threads > 0 { workers.startThreads(threads, capacity: 3) }
    for _ in 0..<2 {
      guard case .nothingYet(42) = try workers.next(until: .never) else {
        Issue.record("expected to hear of the idle input")
        return
      }
      let start = Moment.now.uptime
      guard case .nothingYet(42) = try workers.next(until: Deadline(uptime: start + 5000)) else {
        Issue.record("expected the deadline")
        return
      }
      #expect(Moment.now.uptime >= start + 5000)
      isOpen.store(true, ordering: .relaxed)
      guard case .item(1) = try workers.next(until: .never) else {
        Issue.record("expected the item")
        return
      }
    }
  }
}
