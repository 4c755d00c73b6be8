/// The machine's clocks.
package struct SystemTime: Timekeeper {
  private let stop: StopSignal

  package init(stop: StopSignal) { self.stop = stop }

  package var now: Moment { .now }

  package var isStopped: Bool { stop.isRequested }

  package func pause(until deadline: Deadline) { stop.pause(until: deadline) }
}
