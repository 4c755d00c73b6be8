package import Columnar
package import JSONText

/// Keeps account of where the rows of an epoch are in the input, so that the very same epoch can be
/// made again.
package protocol InputJournal: AnyObject {
  /// Rows on their way into the open epoch. Inputs that cannot be read twice write them down here.
  func take(_ batch: Batch, in epoch: SourceEpoch) throws

  /// The bytes that rows of the open epoch were made of.
  func take(_ piece: InputPiece) throws

  /// The end of a file belongs to the open epoch.
  func take(endOf file: Int) throws

  /// Ends the open epoch. When the call returns, all that is needed to make the epoch again survives
  /// the loss of power, but for what stays in the input and for what is returned.
  ///
  /// - Returns: what the intent says of the input: a replay that gives anything else is no replay.
  func close(_ epoch: SourceEpoch) throws -> JSON
}

extension InputJournal {
  package func take(_ batch: Batch, in epoch: SourceEpoch) {}
  package func take(_ piece: InputPiece) {}
  package func take(endOf file: Int) {}
}

/// What an input was in the epochs so far, from their intents: where it goes on.
package protocol InputHistory: AnyObject {
  /// The input of the next epoch has been taken.
  ///
  /// - Parameter input: what its journal returned.
  /// - Throws: an I/O error when it is no such thing.
  func advance(past input: JSON) throws

  /// What stands for all these epochs once their intents are dropped; what it needs besides is
  /// durable when the call returns.
  func makeBase() throws -> JSON
}
