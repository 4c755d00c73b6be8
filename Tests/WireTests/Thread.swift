import Glibc
import Synchronization

/// A thread that may fail.
final class Thread: Sendable {
  private let work: Work
  private let identity: pthread_t

  private final class Work: Sendable {
    let body: @Sendable () throws -> Void
    let outcome = Mutex<Result<Void, any Error>?>(nil)

    init(_ body: @escaping @Sendable () throws -> Void) { self.body = body }

    func run() {
      let result = Result { try body() }
      outcome.withLock { $0 = result }
    }
  }

  init(_ body: @escaping @Sendable () throws -> Void) {
    work = Work(body)
    var thread = pthread_t()
    let status = unsafe pthread_create(
      &thread, nil,
      { raw in
        if let raw = unsafe raw { unsafe Unmanaged<Work>.fromOpaque(raw).takeRetainedValue().run() }
        return nil
      }, Unmanaged.passRetained(work).toOpaque())
    precondition(status == 0)
    identity = thread
  }

  /// Waits for the end.
  ///
  /// - Throws: what the body threw.
  func join() throws {
    pthread_join(identity, nil)
    try work.outcome.withLock { $0 }?.get()
  }
}
