import Columnar

/// The keys that came or went since the last look, in the order in which they first did.
struct KeyChanges: ~Copyable {
  /// 1 for each key in the list, else 0.
  private var marks = MutableBuffer<UInt8>()
  /// The number of a key; its complement for one that was known at the last look.
  private var list = MutableBuffer<Int32>()

  /// - Parameter wasKnown: before this change.
  mutating func add(_ number: Int32, wasKnown: Bool) {
    let place = Int(number)
    if marks.count <= place { marks.append(repeating: 0, count: place + 1 - marks.count) }
    guard marks[place] == 0 else { return }
    marks[place] = 1
    list.append(wasKnown ? ~number : number)
  }

  /// All of them, and those among them that were known at the last look. None counts as changed
  /// then.
  mutating func take() -> (all: Buffer<Int32>, known: Buffer<Int32>) {
    let taken = list.take()
    let source = taken.span
    var known = MutableBuffer<Int32>()
    let all = Buffer<Int32>(count: taken.count) { output in
      for place in source.indices {
        let number = max(source[place], ~source[place])
        if source[place] < 0 { known.append(number) }
        marks[Int(number)] = 0
        output.append(number)
      }
    }
    return (all, known.take())
  }

  var byteCount: Int { marks.capacity + list.capacity * 4 }
}
