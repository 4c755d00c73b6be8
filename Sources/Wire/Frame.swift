import ArrowIPC
package import Columnar

/// What comes through a pipe behind the header.
package enum Frame: Sendable {
  case rows(RowFrame)
  /// The epoch ends.
  case marker(Ledger)
  /// A stage before failed; it is the last frame. Pass it on and exit with its status, silently.
  case failure(Failure)

  /// The epoch that it belongs to.
  package var stamp: EpochStamp? {
    switch self {
    case .rows(let rows): rows.stamp
    case .marker(let ledger): ledger.stamp
    case .failure: nil
    }
  }
}

/// The epoch that a run of rows belongs to.
package struct EpochStamp: Sendable, Hashable {
  /// Counted from 1.
  package var number: Int64
  /// Processing time in µs, UTC, fixed by the source when the epoch opened; never falls.
  package var time: Int64

  package init(number: Int64, time: Int64) {
    self.number = number
    self.time = time
  }
}

/// Why a stage stopped.
package struct Failure: Error, Sendable, Hashable {
  /// The stage id, or the command's name when it had none yet.
  package var stage: String
  /// Its exit status.
  package var status: Int32
  package var message: String

  package init(stage: String, status: Int32, message: String) {
    self.stage = stage
    self.status = status
    self.message = message
  }
}

/// Rows as they came; a column is decoded when it is asked for, each time anew.
///
/// Columns of uncompressed frames are views of the message: nothing is copied, but all bytes of the
/// message stay in memory as long as one of them does.
package struct RowFrame: Sendable {
  package let stamp: EpochStamp
  /// Which of a stage's inputs they came from, counted from 0.
  package let input: Int
  /// The rows (their keys at least) are taken back.
  package let isDeletion: Bool
  package var schema: Schema { rows.schema }
  package var rowCount: Int { rows.rowCount }
  /// The memory that it holds.
  package var byteCount: Int { rows.messageByteCount }

  let rows: ArrowBatch
  /// Its message does not say the stamp: it came from another program, or belongs to another epoch
  /// now.
  let lacksStamp: Bool
  let place: InputPlace

  init(
    stamp: EpochStamp, isDeletion: Bool, rows: ArrowBatch, lacksStamp: Bool, place: InputPlace,
    input: Int = 0
  ) {
    self.stamp = stamp
    self.isDeletion = isDeletion
    self.rows = rows
    self.lacksStamp = lacksStamp
    self.place = place
    self.input = input
  }

  /// The same rows in another epoch.
  package func restamped(_ stamp: EpochStamp, input: Int) -> RowFrame {
    RowFrame(
      stamp: stamp, isDeletion: isDeletion, rows: rows, lacksStamp: true, place: place, input: input
    )
  }

  /// - Throws: `StreamError` of kind `.data` when the bytes are not what the schema says.
  package func column(_ index: Int) throws -> Column {
    do throws(ArrowError) { return try rows.column(index) } catch { throw place.streamError(error) }
  }

  /// All columns.
  package func batch() throws -> Batch {
    do throws(ArrowError) { return try rows.batch() } catch { throw place.streamError(error) }
  }
}
