/// A way into a violation.
package struct Counterexample: Sendable, CustomStringConvertible {
  package let violation: Violation
  let steps: [Step]
  /// A sentence or more per step.
  package let trace: [String]

  /// The trace as a numbered list, with the violation at its end.
  package var description: String {
    var text = ""
    for (index, line) in trace.enumerated() { text += "\(index + 1). \(line)\n" }
    return text + "=> \(violation)"
  }
}

/// Enumerates what can happen in a model, or walks through it at random.
package struct Explorer {
  let model: Model
  /// Different states met by `explore`.
  package private(set) var stateCount = 0
  /// Steps taken by `explore` and `walk`.
  package private(set) var stepCount = 0

  package init(_ model: Model) { self.model = model }

  /// A state that has been met, by where it was met from.
  private struct Origin {
    let parent: Int32
    let step: Step
  }

  /// Goes breadth-first through every interleaving within the model's bounds.
  ///
  /// A state is remembered by 64 bits of its hash: with a million states the odds that one is
  /// mistaken for another are one in ten million.
  ///
  /// - Returns: One of the shortest ways into a violation; nil when there is none.
  package mutating func explore() -> Counterexample? {
    let first = World(model)
    var visited: Set<Int> = [first.hashValue]
    var origins = [Origin(parent: -1, step: .start(changesPlan: false))]
    var level: [(world: World, index: Int32)] = [(first, 0)]
    var tale = Tale.silent
    while !level.isEmpty {
      var next: [(world: World, index: Int32)] = []
      for (world, index) in level {
        let steps = model.steps(in: world)
        if steps.isEmpty, violation(atEnd: world) != nil {
          return replay(path(to: index, origins))
        }
        for step in steps + model.disasters(in: world) {
          var successor = world
          stepCount += 1
          do throws(Violation) {
            try model.take(step, in: &successor, &tale)
          } catch {
            return replay(path(to: index, origins) + [step])
          }
          guard visited.insert(successor.hashValue).inserted else { continue }
          next.append((successor, Int32(origins.count)))
          origins.append(Origin(parent: index, step: step))
        }
      }
      stateCount = origins.count
      level = next
    }
    return nil
  }

  private func violation(atEnd world: World) -> Violation? {
    do throws(Violation) {
      try model.inspectEnd(world)
      return nil
    } catch {
      return error
    }
  }

  private func path(to index: Int32, _ origins: [Origin]) -> [Step] {
    var steps: [Step] = []
    var index = Int(index)
    while index > 0 {
      steps.append(origins[index].step)
      index = Int(origins[index].parent)
    }
    return steps.reversed()
  }

  /// Walks from the beginning to an end, choosing by `random`; disasters are rarer than steps.
  ///
  /// - Returns: A violation that it ran into, with the steps that it does not need left out.
  package mutating func walk(using random: inout some RandomNumberGenerator) -> Counterexample? {
    var world = World(model)
    var taken: [Step] = []
    var tale = Tale.silent
    do throws(Violation) {
      while true {
        var choices = model.steps(in: world)
        if choices.isEmpty { try model.inspectEnd(world) }
        if choices.isEmpty || UInt8.random(in: 0..<16, using: &random) == 0 {
          let disasters = model.disasters(in: world)
          if !disasters.isEmpty { choices = disasters }
        }
        if choices.isEmpty { return nil }
        let step = choices[Int.random(in: choices.indices, using: &random)]
        taken.append(step)
        stepCount += 1
        try model.take(step, in: &world, &tale)
      }
    } catch {
      return shortened(taken)
    }
  }

  /// Leaves out what it can, in ever smaller pieces, as long as there still is a violation.
  private func shortened(_ steps: [Step]) -> Counterexample? {
    guard var best = replay(steps) else { return nil }
    var size = best.steps.count / 2
    while size > 0 {
      var start = 0
      while start + size <= best.steps.count {
        var fewer = best.steps
        fewer.removeSubrange(start..<(start + size))
        if let found = replay(fewer), found.steps.count < best.steps.count {
          best = found
        } else {
          start += size
        }
      }
      size /= 2
    }
    return best
  }

  /// Takes those steps that can be taken, up to a violation.
  private func replay(_ steps: [Step]) -> Counterexample? {
    var world = World(model)
    var taken: [Step] = []
    var tale = Tale.told
    do throws(Violation) {
      for step in steps {
        let choices = step.isDisaster ? model.disasters(in: world) : model.steps(in: world)
        guard choices.contains(step) else { continue }
        taken.append(step)
        try model.take(step, in: &world, &tale)
      }
      if model.steps(in: world).isEmpty { try model.inspectEnd(world) }
      return nil
    } catch {
      return Counterexample(violation: error, steps: taken, trace: tale.lines ?? [])
    }
  }
}
