package import Operators
package import Wire

/// An operator that may work for long on what it was given: it asks now and then whether it should go
/// on.
package protocol PatientOperator: Operator {
  /// Whether nobody reads what it sends any more; set before the first rows come. Then it throws
  /// `WireError.closed`.
  var isAbandoned: () -> Bool { get set }
  /// What may end while the operator has nothing to do.
  var companion: (any Companion)? { get }
}

extension PatientOperator {
  package var companion: (any Companion)? { nil }
}

extension Operator {
  mutating func watch(_ output: WireWriter) {
    guard var patient = self as? any PatientOperator else { return }
    patient.isAbandoned = { output.isAbandoned }
    output.companion = patient.companion
    if let watching = patient as? Self { self = watching }
  }
}
