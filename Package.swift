// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableExperimentalFeature("Lifetimes"),
]

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: dependencies + ["TestSupport"], swiftSettings: settings)
}

/// The Swift runtime is linked statically: one file to install, and half the time to start.
let staticRuntime: [LinkerSetting] = [
  .unsafeFlags(["-static-stdlib"]),
  .linkedLibrary("_FoundationCShims"),
  .linkedLibrary("_FoundationCollections"),
  .linkedLibrary("swiftSynchronization"),
]

let package = Package(
  name: "stream-tools",
  products: [.executable(name: "stream-tools", targets: ["stream-tools"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
  ],
  targets: [
    .target(name: "CKernels"),
    .target(name: "CNumbers"),
    .target(name: "CProcess"),
    .target(name: "CChecksum"),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CPCRE2", providers: [.apt(["libpcre2-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    module("Diagnostics"),
    module("Scalars", ["CNumbers"]),
    module("Columnar", ["CKernels", "Scalars"]),
    module("JSONText", ["Scalars"]),
    module("Compression", ["CKernels", "CZstd", "Columnar"]),
    module("ArrowIPC", ["Columnar", "Compression", "Scalars"]),
    module("Parquet", ["CKernels", "CZlib", "Columnar", "Compression", "Scalars"]),
    module("Wire", ["ArrowIPC", "Columnar", "Diagnostics", "JSONText"]),
    module("Checkpoint", ["CChecksum", "CProcess", "Diagnostics", "JSONText"]),
    module("State", ["ArrowIPC", "Checkpoint", "Columnar", "Diagnostics", "JSONText"]),
    .target(
      name: "Expressions",
      dependencies: ["CKernels", "CPCRE2", "Columnar", "Diagnostics", "JSONText", "Scalars"],
      swiftSettings: settings,
      // The archive and not the shared library, which every tool would load at its start.
      linkerSettings: [.linkedLibrary(":libpcre2-8.a")]),
    module(
      "Formats", ["ArrowIPC", "CKernels", "Columnar", "CZlib", "CZstd", "Diagnostics", "Scalars"]),
    module("Operators", ["CKernels", "Columnar", "Diagnostics", "Expressions", "Scalars"]),
    module(
      "Connectors",
      [
        "ArrowIPC", "CProcess", "Checkpoint", "Columnar", "Diagnostics", "Formats", "JSONText",
        "Parquet", "Scalars", system,
      ]),
    .target(
      name: "SQLiteConnector",
      dependencies: [
        "CSQLite", "Checkpoint", "Columnar", "Connectors", "Diagnostics", "Formats", "JSONText",
        "Scalars", system,
      ],
      swiftSettings: settings,
      // The archive and not the shared library, which every tool would load at its start.
      linkerSettings: [.linkedLibrary(":libsqlite3.a"), .linkedLibrary("m")]),
    module(
      "Toolkit",
      [
        "ArrowIPC", "CProcess", "Checkpoint", "Columnar", "Connectors", "Diagnostics", "Formats",
        "JSONText", "Operators", "Scalars", "State", "Wire", argumentParser,
      ]),
    module(
      "Tables",
      [
        "Checkpoint", "Columnar", "Connectors", "Diagnostics", "Expressions", "Formats", "JSONText",
        "SQLiteConnector", "Toolkit", "Wire",
      ]),
    module(
      "stream-source",
      [
        "Checkpoint", "Columnar", "Connectors", "Diagnostics", "Expressions", "Formats",
        "JSONText", "Operators", "Scalars", "Toolkit", "Wire", argumentParser,
      ]),
    module(
      "stream-map",
      [
        "Columnar", "Connectors", "Diagnostics", "Expressions", "Formats", "JSONText", "Operators",
        "Toolkit", "Wire", argumentParser,
      ]),
    module(
      "stream-window",
      [
        "Checkpoint", "Columnar", "Diagnostics", "Expressions", "JSONText", "Operators", "Scalars",
        "Toolkit", "Wire", argumentParser,
      ]),
    module(
      "stream-agg",
      [
        "Columnar", "Diagnostics", "Expressions", "JSONText", "Operators", "Toolkit", "Wire",
        argumentParser,
      ]),
    module(
      "stream-dedup",
      [
        "Columnar", "Diagnostics", "Expressions", "JSONText", "Operators", "Scalars", "Toolkit",
        "Wire", argumentParser,
      ]),
    module(
      "stream-state",
      [
        "Columnar", "Connectors", "Diagnostics", "Expressions", "Formats", "JSONText", "Operators",
        "Scalars", "Toolkit", "Wire", argumentParser,
      ]),
    module(
      "stream-join",
      [
        "Columnar", "Connectors", "Diagnostics", "Expressions", "JSONText", "Operators", "Tables",
        "Toolkit", "Wire", argumentParser,
      ]),
    module(
      "stream-union",
      [
        "Columnar", "Diagnostics", "JSONText", "Operators", "Scalars", "Toolkit", "Wire",
        argumentParser,
      ]),
    module(
      "stream-sql",
      [
        "Columnar", "Connectors", "Diagnostics", "Expressions", "JSONText", "Operators",
        "SQLiteConnector", "Tables", "Toolkit", "Wire", argumentParser,
      ]),
    module(
      "stream-sink",
      [
        "Checkpoint", "Columnar", "Connectors", "Diagnostics", "Formats", "JSONText", "Parquet",
        "SQLiteConnector", "Toolkit", "Wire", argumentParser,
      ]),
    module(
      "stream-query",
      [
        "CProcess", "Checkpoint", "Columnar", "Connectors", "Diagnostics", "Formats", "JSONText",
        "Scalars", "State", "Toolkit", "Wire", argumentParser,
      ]),
    .executableTarget(
      name: "stream-tools",
      dependencies: [
        "Toolkit", "stream-source", "stream-map", "stream-window", "stream-agg", "stream-dedup",
        "stream-state", "stream-join", "stream-union", "stream-sql", "stream-sink", "stream-query",
      ],
      swiftSettings: settings, linkerSettings: staticRuntime),
    .executableTarget(
      name: "stream-dev", dependencies: ["Columnar", "Expressions", "JSONText", argumentParser],
      exclude: ["Manual"], swiftSettings: settings, linkerSettings: staticRuntime),
    .target(
      name: "TestSupport", dependencies: ["CZlib", "CZstd", "Columnar", "JSONText"],
      path: "Tests/TestSupport",
      swiftSettings: settings),
    .target(
      name: "ProtocolModel", path: "Tests/ProtocolModel", swiftSettings: settings),
    tests("ProtocolModel", ["ProtocolModel"]),
    tests("Scalars", ["Scalars"]),
    tests("JSONText", ["JSONText"]),
    tests("Checkpoint", ["Checkpoint", "Diagnostics", "JSONText"]),
    .target(
      name: "FuzzTargets",
      dependencies: [
        "Checkpoint", "Columnar", "Connectors", "Diagnostics", "Expressions", "Formats", "JSONText",
        "Parquet", "Scalars", "State", "Wire",
      ],
      path: "Tests/FuzzTargets", swiftSettings: settings),
    tests("Fuzz", ["FuzzTargets"]),
    tests("Columnar", ["Columnar"]),
    tests("Compression", ["Columnar", "Compression"]),
    tests("ArrowIPC", ["ArrowIPC", "Columnar", "JSONText"]),
    tests("Parquet", ["Columnar", "Parquet"]),
    tests("Wire", ["ArrowIPC", "Columnar", "Diagnostics", "JSONText", "Wire"]),
    tests("State", ["ArrowIPC", "Checkpoint", "Columnar", "Diagnostics", "JSONText", "State"]),
    tests("Formats", ["CZlib", "CZstd", "Columnar", "Diagnostics", "Formats", "Scalars"]),
    tests(
      "Toolkit",
      [
        "Checkpoint", "Columnar", "Diagnostics", "Expressions", "GoldenSupport", "JSONText",
        "Operators", "Toolkit", "Wire", argumentParser,
      ]),
    .target(name: "ProcessSupport", path: "Tests/ProcessSupport", swiftSettings: settings),
    .testTarget(
      name: "CrashTests", dependencies: ["ProcessSupport", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "CommandTests", dependencies: ["ProcessSupport", "TestSupport"],
      exclude: ["Cases", "Support"], swiftSettings: settings),
    tests(
      "Connectors",
      [
        "Checkpoint", "Columnar", "Connectors", "Diagnostics", "Formats", "JSONText", "Parquet",
        system,
      ]),
    tests(
      "SQLiteConnector",
      ["Columnar", "Connectors", "Diagnostics", "JSONText", "Scalars", "SQLiteConnector"]),
    tests(
      "stream-sink",
      [
        "Checkpoint", "Columnar", "Connectors", "Diagnostics", "JSONText", "Toolkit", "Wire",
        "stream-sink",
      ]),
    tests(
      "stream-state",
      [
        "Columnar", "Connectors", "Diagnostics", "Operators", "Toolkit", "Wire", "stream-state",
      ]),
    tests("stream-source", ["Toolkit", "stream-source", argumentParser]),
    tests(
      "stream-query",
      [
        "Checkpoint", "Columnar", "Diagnostics", "JSONText", "ProcessSupport", "State", "Toolkit",
        "Wire", "stream-query", argumentParser,
      ]),
    .target(
      name: "GoldenSupport",
      dependencies: ["CZstd", "Columnar", "Expressions", "JSONText", "Scalars", system],
      path: "Tests/GoldenSupport", swiftSettings: settings),
    tests(
      "Operators",
      [
        "Columnar", "Diagnostics", "Expressions", "GoldenSupport", "JSONText", "Operators",
        "Scalars",
      ]),
    tests(
      "Expressions",
      ["Columnar", "Diagnostics", "Expressions", "GoldenSupport", "JSONText", "Scalars"]),
  ],
  cxxLanguageStandard: .cxx17
)

// libFuzzer brings its own main, so its program is built only when it is asked for.
if Context.environment["STREAM_FUZZ"] != nil {
  package.products.append(.executable(name: "stream-fuzz", targets: ["stream-fuzz"]))
  package.targets.append(
    .executableTarget(
      name: "stream-fuzz", dependencies: ["FuzzTargets"], path: "Tests/Fuzz",
      exclude: ["fuzz.sh"], swiftSettings: settings))
}
