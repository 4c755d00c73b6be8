import Columnar

/// Rows as the sessions that they would be by themselves, `[time, time + gap)`, without those that
/// cannot be taken.
struct SessionRows {
  /// The rows of the batch that are taken, ascending; nil: all of them.
  let rows: Buffer<Int32>?
  let starts: Buffer<Int64>
  let ends: Buffer<Int64>
  /// Without a time, or without a gap that a session can have; late are those whose own session
  /// would be closed already.
  let rejected: RejectedRows

  /// - Parameters:
  ///   - times: a timestamp of each row.
  ///   - watermark: sessions that end at or before it are closed; nil: none is.
  init(_ times: Column, _ gaps: SessionGaps, watermark: Int64?) {
    let words = times.words().span
    var rejected = RejectedRows()
    var rows = MutableBuffer<Int32>(capacity: words.count)
    var starts = MutableBuffer<Int64>(capacity: words.count)
    var ends = MutableBuffer<Int64>(capacity: words.count)
    for slot in words.indices {
      let row = Int32(truncatingIfNeeded: slot)
      let (start, gap) = (words[slot], gaps[slot])
      guard AlignedWindows.isUsable(start), SessionGapPlan.isUsable(gap), !times.isNull(slot)
      else {
        rejected.unusable.append(row)
        continue
      }
      let end = start + gap
      if let watermark, end <= watermark {
        let (by, overflows) = watermark.subtractingReportingOverflow(end)
        rejected.late.append((row, overflows ? .max : by))
        continue
      }
      rows.append(row)
      starts.append(start)
      ends.append(end)
    }
    self.rows = rejected.isEmpty ? nil : rows.take()
    self.starts = starts.take()
    self.ends = ends.take()
    self.rejected = rejected
  }
}

extension SessionGaps {
  /// 0 for none.
  fileprivate subscript(row: Int) -> Int64 {
    switch self {
    case .constant(let gap): gap
    case .each(let gaps, let validity): validity.isSet(row) ? gaps[row] : 0
    }
  }
}
