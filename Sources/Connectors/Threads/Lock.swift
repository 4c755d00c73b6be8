internal import Glibc

/// Lets one thread at a time touch what it guards.
@safe package final class Lock: @unchecked Sendable {
  // SAFETY: on the heap, since the system knows a lock by its address.
  fileprivate let handle = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

  package init() {
    unsafe handle.initialize(to: pthread_mutex_t())
    let status = unsafe pthread_mutex_init(handle, nil)
    precondition(status == 0)
  }

  deinit {
    unsafe pthread_mutex_destroy(handle)
    unsafe handle.deallocate()
  }

  package func lock() { unsafe pthread_mutex_lock(handle) }

  package func unlock() { unsafe pthread_mutex_unlock(handle) }

  package func withLock<Result>(_ body: () throws -> Result) rethrows -> Result {
    lock()
    defer { unlock() }
    return try body()
  }
}

/// Where threads wait for a change of what a lock guards.
@safe package final class Condition: @unchecked Sendable {
  private let guardian: Lock
  private let handle = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  package init(_ lock: Lock) {
    guardian = lock
    unsafe handle.initialize(to: pthread_cond_t())
    var attributes = pthread_condattr_t()
    unsafe pthread_condattr_init(&attributes)
    unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    let status = unsafe pthread_cond_init(handle, &attributes)
    unsafe pthread_condattr_destroy(&attributes)
    precondition(status == 0)
  }

  deinit {
    unsafe pthread_cond_destroy(handle)
    unsafe handle.deallocate()
  }

  /// Waits, perhaps not long enough: the caller looks again. The lock is held before and after.
  ///
  /// - Returns: false when the time is over.
  @discardableResult
  package func wait(until deadline: Deadline = .never) -> Bool {
    guard var time = deadline.absolute else {
      return unsafe pthread_cond_wait(handle, guardian.handle) == 0
    }
    return unsafe pthread_cond_timedwait(handle, guardian.handle, &time) != ETIMEDOUT
  }

  package func signal() { unsafe pthread_cond_signal(handle) }

  package func broadcast() { unsafe pthread_cond_broadcast(handle) }
}
