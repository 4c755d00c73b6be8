extension String {
  /// A beginning that fits into a message.
  package var shortened: String { count > 160 ? "\(prefix(160))…" : self }
}
