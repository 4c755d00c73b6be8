import Connectors
import Toolkit

extension SourceStage {
  /// For what inputs have to tell.
  var notices: Notices {
    let log = log
    return Notices { log.warning($0, hint: $1) }
  }
}

extension InputPlan {
  /// Blocks are what an epoch takes in at a time: none may be larger than it.
  func bounded(by bounds: EpochBounds) -> InputPlan {
    var plan = self
    if let bytes = bounds.bytes {
      plan.limits.fullBytes = max(1, min(plan.limits.fullBytes, bytes))
    }
    return plan
  }
}
