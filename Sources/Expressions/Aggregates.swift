struct AggregateCollector: Sendable { mutating func lookUp(_ s: Syntax) throws -> Node? { nil } }
enum AggregateFunction { static func named(_ s: String) -> Int? { nil }; static let allNames: [String] = [] }
