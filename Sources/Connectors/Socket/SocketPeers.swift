internal import Diagnostics
internal import Glibc

/// The connections that there are, and those that come.
struct SocketPeers {
  private(set) var connections: [SocketConnection] = []
  let pool: BlockPool
  private let plan: InputPlan
  private let stopSignal: StopSignal
  private let notices: Notices
  private let inform: @Sendable (String) -> Void
  private var listener: SocketListener?
  private var dialer: Dialer?
  private let isListening: Bool
  /// Whether there is another connection behind the last one.
  let reconnects: Bool
  private var nextNumber = 1

  /// When to dial, or to accept after a failure: µs of uptime.
  private var retryAt: Int64 = 0
  private var backoff = SocketPeers.backoffMin
  private var hasToldFailure = false
  private var refusedCount = 0
  private var brokenCount = 0

  private let connectionCountMax: Int
  private static let backoffMin: Int64 = 100_000
  private static let backoffMax: Int64 = 5_000_000

  init(
    _ role: SocketInput.Role, plan: InputPlan, connectionCountMax: Int, stop: StopSignal,
    notices: Notices, inform: @escaping @Sendable (String) -> Void
  ) throws(StreamError) {
    self.plan = plan
    self.connectionCountMax = connectionCountMax
    stopSignal = stop
    self.notices = notices
    self.inform = inform
    pool = BlockPool(byteCount: plan.limits.fullBytes, countMax: 4)
    switch role {
    case .connecting(let place, let reconnects):
      dialer = Dialer(place)
      isListening = false
      self.reconnects = reconnects
    case .listening(let place):
      let listener = try SocketListener(place)
      self.listener = listener
      isListening = true
      reconnects = true
      inform("listening at \(listener.name)")
    }
  }

  /// Whether no further connection will come.
  var areOver: Bool { listener == nil && dialer == nil }

  /// No further connection comes, and those that are there end with what they have sent.
  mutating func stop() {
    (listener, dialer) = (nil, nil)
    for connection in connections { connection.isReady = true }
  }

  // MARK: - Coming

  /// Connects, where a failure is an error; waits for it.
  mutating func connectAtFirst() throws(StreamError) {
    guard let dialer, !reconnects else { return }
    while connections.isEmpty, !stopSignal.isRequested {
      switch dialer.step(at: Moment.now.uptime) {
      case .connected(let descriptor):
        try admit(descriptor)
        self.dialer = nil
      case .waiting(let until):
        _ = SocketPeers.poll(
          [(dialer.pending, POLLOUT), stopEntry], until: Deadline(uptime: until))
      case .failed(let words):
        throw StreamError(
          .unavailable, "cannot connect to '\(dialer.place)': \(words)",
          hint: "start the peer first; with --checkpoint it is tried again until somebody is there")
      }
    }
    if connections.isEmpty { self.dialer = nil }
  }

  private var stopEntry: (Int32, Int32) { (stopSignal.descriptor, POLLIN) }

  /// Waits until a connection comes or has something to be read.
  ///
  /// - Returns: false when the time is over, or the source was told to stop.
  mutating func wait(until deadline: Deadline) throws(StreamError) -> Bool {
    while true {
      let now = Moment.now.uptime
      var (limit, hasNews) = (deadline, false)
      if let dialer, connections.isEmpty {
        if let until = try dial(dialer, at: now) { limit = min(limit, Deadline(uptime: until)) }
        hasNews = !connections.isEmpty
      }
      let mayAccept = listener != nil && now >= retryAt
      if listener != nil, !mayAccept { limit = min(limit, Deadline(uptime: retryAt)) }
      var watched = [stopEntry, (mayAccept ? listener?.descriptor ?? -1 : -1, POLLIN)]
      watched.append((dialer?.pending ?? -1, POLLOUT))
      watched += connections.map { ($0.bytes.descriptor, POLLIN) }
      let found = SocketPeers.poll(watched, until: hasNews ? .now : limit)
      if found[0] { return false }
      for (connection, isReady) in zip(connections, found.dropFirst(3)) where isReady {
        connection.isReady = true
        hasNews = true
      }
      if found[1] { hasNews = try acceptAll(at: now) || hasNews }
      if hasNews { return true }
      if Moment.now.uptime >= deadline.uptime { return false }
    }
  }

  /// - Returns: when to look again; nil when it is connected.
  private mutating func dial(_ dialer: Dialer, at now: Int64) throws(StreamError) -> Int64? {
    if dialer.pending < 0, now < retryAt { return retryAt }
    switch dialer.step(at: now) {
    case .waiting(let until): return until
    case .connected(let descriptor):
      (backoff, hasToldFailure) = (SocketPeers.backoffMin, false)
      try admit(descriptor)
      return nil
    case .failed(let words):
      if !hasToldFailure {
        notices.warn("cannot connect to '\(dialer.place)': \(words); trying again", nil)
        hasToldFailure = true
      }
      retryAt = now + backoff
      backoff = min(SocketPeers.backoffMax, backoff * 2)
      return retryAt
    }
  }

  private mutating func acceptAll(at now: Int64) throws(StreamError) -> Bool {
    var hasAdmitted = false
    while let listener {
      switch listener.accept() {
      case .nobody: return hasAdmitted
      case .failed(let words):
        if !hasToldFailure { notices.warn("cannot accept a connection: \(words)", nil) }
        hasToldFailure = true
        retryAt = now + SocketPeers.backoffMin
        return hasAdmitted
      case .connection(let descriptor):
        guard connections.count < connectionCountMax else {
          refuse(descriptor)
          continue
        }
        try admit(descriptor)
        hasAdmitted = true
      }
    }
    return hasAdmitted
  }

  private mutating func refuse(_ descriptor: Int32) {
    close(descriptor)
    if refusedCount == 0 {
      notices.warn(
        "there are \(connectionCountMax) connections: further ones are refused", nil)
    }
    refusedCount += 1
  }

  private mutating func admit(_ descriptor: Int32) throws(StreamError) {
    var name = SocketAddress.name(of: descriptor, isPeer: true)
    if name == nil, let dialer {
      name = "\(dialer.place)"
    } else if name == nil {
      name = "connection \(nextNumber)"
      nextNumber += 1
    }
    let connection = try SocketConnection(
      descriptor, name: name ?? "", plan: plan, stop: stopSignal, pool: pool)
    connections.append(connection)
    inform("connected with \(connection.name)")
  }

  // MARK: - Going

  mutating func end(_ connection: SocketConnection) {
    remove(connection)
    if let failure = connection.bytes.failure {
      tellBroken("the connection with \(connection.name) broke off: \(failure)")
    } else {
      inform("\(connection.name) has closed its connection")
    }
  }

  /// Ends a connection whose bytes cannot be read on: for a listener, the others go on.
  mutating func breakOff(
    _ connection: SocketConnection, _ error: StreamError
  ) throws(StreamError) {
    guard isListening else { throw error.located(in: connection.name) }
    remove(connection)
    let place = error.location.map { "\($0): " } ?? ""
    tellBroken("\(connection.name): \(place)\(error.message); the connection is closed")
  }

  private mutating func remove(_ connection: SocketConnection) {
    connections.removeAll { $0 === connection }
    if !isListening { retryAt = Moment.now.uptime + SocketPeers.backoffMin }
  }

  private mutating func tellBroken(_ message: String) {
    if brokenCount == 0 { notices.warn(message, nil) }
    brokenCount += 1
  }

  func tellAtEnd() {
    if brokenCount > 1 { notices.warn("\(brokenCount) connections broke off", nil) }
    if refusedCount > 1 { notices.warn("\(refusedCount) connections were refused", nil) }
  }

  /// - Returns: for each descriptor whether something has happened; -1 is left out.
  private static func poll(_ entries: [(Int32, Int32)], until deadline: Deadline) -> [Bool] {
    var watched = entries.map { pollfd(fd: $0.0, events: Int16($0.1), revents: 0) }
    let now = deadline == .now ? 0 : Moment.now.uptime
    let count = unsafe Glibc.poll(
      &watched, nfds_t(watched.count), deadline.milliseconds(from: now))
    return watched.map { count > 0 && $0.revents != 0 }
  }
}
