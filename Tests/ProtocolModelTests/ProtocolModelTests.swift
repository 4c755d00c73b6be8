import ProtocolModel
import TestSupport
import Testing

@Suite("Protocol model")
struct ProtocolModelTests {
  @Test("finds nothing with all rules in force", arguments: Exploration.all)
  func holds(exploration: Exploration) {
    var explorer = Explorer(exploration.model)
    let found = explorer.explore()
    #expect(found == nil, "\(found.map(String.init(describing:)) ?? "")")
    #expect(explorer.stateCount > 30_000)
  }

  @Test("finds the hole without", arguments: Mends.allCases)
  func findsTheHole(mend: Mends) {
    let scenario = Scenario.revealing(mend)
    var sound = Explorer(scenario.model(mends: .all))
    let foundWith = sound.explore()
    #expect(foundWith == nil, "\(foundWith.map(String.init(describing:)) ?? "")")
    var holed = Explorer(scenario.model(mends: Mends.all.subtracting(mend)))
    let found = holed.explore()
    #expect(
      found?.violation.description.contains(scenario.symptom) == true,
      "without \(mend): \(found.map(String.init(describing:)) ?? "no violation")")
  }

  @Test("finds nothing on a random walk through larger pipelines", arguments: Exploration.walks)
  func survivesRandomWalks(exploration: Exploration) {
    var random = SplitMix64(seed: 20_240_229)
    var explorer = Explorer(exploration.model)
    for _ in 0..<1500 {
      if let found = explorer.walk(using: &random) {
        Issue.record("\(found)")
        return
      }
    }
    #expect(explorer.stepCount > 100_000)
  }

  @Test("a random walk finds a hole too, and tells it step by step")
  func walkFindsTheHole() throws {
    var random = SplitMix64(seed: 1)
    let scenario = Scenario.revealing(.repeatsRenames)
    var explorer = Explorer(scenario.model(mends: Mends.all.subtracting(.repeatsRenames)))
    var found: Counterexample?
    for _ in 0..<1000 where found == nil { found = explorer.walk(using: &random) }
    let trace = try #require(found).description
    #expect(trace.hasPrefix("1. run 1 is started\n"))
    #expect(trace.contains("POWER LOST") || trace.contains("KILLED"))
    #expect(trace.contains(scenario.symptom))
  }
}
