/// A session: a stretch of time in which each row of a key overlaps or touches another one.
struct Session: BitwiseCopyable {
  var start: Int64
  var end: Int64
  /// The number of its key.
  let key: Int32
  /// What has become of it: open, closed, or the session that it was merged into.
  var fate = Session.open
  /// Whether a checkpoint has it, with this start.
  var isSaved = false
  /// Whether it has been sent, with this start.
  var isSent = false

  static let open: Int32 = -1
  static let closed: Int32 = -2

  init(start: Int64, end: Int64, key: Int32) {
    self.start = start
    self.end = end
    self.key = key
  }

  var isOpen: Bool { fate == Session.open }

  var name: SessionName { SessionName(start: start, key: key) }
}

/// What a session was called by when it was saved or sent.
struct SessionName: BitwiseCopyable {
  let start: Int64
  let key: Int32
}
