package import JSONText

/// The options of a stage as the plan records them: see ``PlanStage/commandLine``.
package struct PlanOptions: Sendable {
  private var members: [JSON.Member] = []

  /// - Parameter arguments: what stands without a name, such as a kind and its paths.
  package init(_ arguments: [String] = []) {
    if !arguments.isEmpty {
      members.append(JSON.Member("arguments", .array(arguments.map { .string($0) })))
    }
  }

  package var json: JSON { .object(members) }

  /// - Parameters:
  ///   - name: without dashes.
  ///   - value: nil for an option that was not given.
  package func adding(_ name: String, _ value: String?) -> PlanOptions {
    value.map { adding(name, .string($0)) } ?? self
  }

  package func adding(_ name: String, _ values: [String]) -> PlanOptions {
    values.isEmpty ? self : adding(name, .array(values.map { .string($0) }))
  }

  package func adding(_ name: String, _ isSet: Bool) -> PlanOptions {
    isSet ? adding(name, .bool(true)) : self
  }

  private func adding(_ name: String, _ value: JSON) -> PlanOptions {
    var options = self
    options.members.append(JSON.Member(name, value))
    return options
  }
}
