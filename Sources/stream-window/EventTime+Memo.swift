import Diagnostics
package import JSONText
import Operators
import Toolkit

extension EventTime: FrameOperator {}

/// The watermark goes on in the next run where it was.
extension EventTime: MemoOperator {
  package var memo: JSON? {
    if latest == nil, watermark == nil, !isSilent { return nil }
    var memo: JSON = [:]
    if let latest { memo["max"] = .integer(latest) }
    if let watermark { memo["watermark"] = .integer(watermark) }
    if isSilent { memo["silent"] = true }
    return memo
  }

  package mutating func restore(_ memo: JSON) throws {
    let times = try ["max", "watermark"].map { name in
      guard let time = memo[name] else { return Int64?.none }
      guard let time = time.int64, AlignedWindows.isUsable(time) || name == "watermark" else {
        throw StreamError(
          .io, "the checkpoint is damaged: this is no watermark: \(memo.text)")
      }
      return time
    }
    resume(latest: times[0], watermark: times[1])
  }
}
