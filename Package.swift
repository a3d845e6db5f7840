// swift-tools-version: 6.3
// The manifest is the law of the architecture: a target may import what stands in its list and nothing else
// (`scripts/check` builds with the import check on). The floors are explained in ARCHITECTURE.md.
import PackageDescription

/// Every Swift target: Swift 6 mode, warnings are errors.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// Targets that do arithmetic are optimised in debug builds too, so that plain `swift test` stays quick.
let numeric: [SwiftSetting] = strict + [.unsafeFlags(["-O"], .when(configuration: .debug))]

// MARK: - System libraries and C

let system: [Target] = [
  .systemLibrary(name: "COpenBLAS", providers: [.apt(["libopenblas-pthread-dev"])]),
  .systemLibrary(name: "CZeroMQ", providers: [.apt(["libzmq3-dev"])]),
  .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"])]),
  .systemLibrary(name: "CYAML", providers: [.apt(["libyaml-dev"])]),
  .systemLibrary(name: "CSodium", providers: [.apt(["libsodium-dev"])]),
  .target(name: "CKernels", cSettings: [.unsafeFlags(["-O2", "-Wall", "-Wextra", "-Werror"])]),
  .target(
    name: "COpenCV",
    cxxSettings: [.unsafeFlags(["-O2", "-isystem", "/usr/include/opencv4", "-Wall", "-Wextra", "-Werror"])],
    linkerSettings: ["core", "imgproc", "imgcodecs", "ml", "video", "objdetect", "optflow"].map {
      .linkedLibrary("opencv_\($0)")
    }),
]

// MARK: - Shared by both planes

let shared: [Target] = [
  .target(name: "Canonical", dependencies: ["CSodium"], swiftSettings: numeric)
]

// MARK: - Data plane: numbers know no network

let data: [Target] = [
  .target(name: "Kernels", dependencies: ["COpenBLAS", "CKernels"], swiftSettings: numeric),
  .target(name: "SpectralGraph", dependencies: ["Kernels"], swiftSettings: numeric),
  .target(name: "ChebNet", dependencies: ["Canonical", "Kernels", "SpectralGraph"], swiftSettings: numeric),
  .target(name: "Clips", dependencies: ["COpenCV", "Canonical", "Kernels"], swiftSettings: numeric),
  .target(
    name: "Training", dependencies: ["COpenCV", "Canonical", "ChebNet", "Clips", "Kernels", "SpectralGraph"],
    swiftSettings: numeric),
]

// MARK: - Control plane: the machine knows no numbers

let control: [Target] = [
  // Study takes thousands of resamples, so it is optimised as the numeric targets are.
  .target(name: "Study", dependencies: ["Canonical"], swiftSettings: numeric),
  // The machines and the codec are optimised too: tests take them through thousands of histories.
  .target(name: "Messages", dependencies: ["Canonical"], swiftSettings: numeric),
  .target(name: "Access", swiftSettings: strict),
  .target(
    name: "Coordination", dependencies: ["Access", "Canonical", "Messages"], swiftSettings: numeric),
  .target(name: "Ledger", dependencies: ["CSQLite", "Canonical"], swiftSettings: strict),
  .target(name: "Simulation", dependencies: ["Canonical", "Coordination", "Messages"], swiftSettings: numeric),
]

// MARK: - Where they meet

let meeting: [Target] = [
  .target(
    name: "Cluster",
    dependencies: [
      "Access", "CSodium", "CZeroMQ", "Canonical", "Clips", "Coordination", "Kernels", "Ledger", "Messages", "Study",
      "Training",
    ],
    swiftSettings: strict),
  .target(name: "Reports", dependencies: ["Canonical", "Study"], swiftSettings: strict),
  .executableTarget(
    name: "microfold",
    dependencies: [
      "Access", "CYAML", "Canonical", "Clips", "Cluster", "Coordination", "Kernels", "Ledger", "Messages", "Reports",
      "Study", "Training",
    ], swiftSettings: strict),
  .executableTarget(
    name: "bench",
    // CKernels for the loops of the roofs, which no network runs; CSQLite and CZeroMQ for the floors of a coordinator.
    dependencies: [
      "Access", "CKernels", "CSQLite", "CZeroMQ", "Canonical", "ChebNet", "Clips", "Cluster", "Coordination", "Kernels",
      "Ledger", "Messages", "Simulation", "SpectralGraph", "Study", "Training",
    ],
    swiftSettings: numeric),
]

// MARK: - Tests

/// One folder of tests per target; the rest are named for what they do.
let tests: [Target] = [
  .target(
    name: "TestSupport", dependencies: ["Canonical", "Kernels"], path: "Tests/TestSupport", swiftSettings: numeric),
  .target(name: "CAllocations", path: "Tests/CAllocations", cSettings: [.unsafeFlags(["-O2", "-Wall", "-Wextra"])]),
  .testTarget(name: "CanonicalTests", dependencies: ["Canonical", "TestSupport"], swiftSettings: strict),
  .testTarget(name: "KernelsTests", dependencies: ["CKernels", "Kernels", "TestSupport"], swiftSettings: numeric),
  .testTarget(
    name: "SpectralGraphTests", dependencies: ["Kernels", "SpectralGraph", "TestSupport"], swiftSettings: numeric),
  .testTarget(
    name: "ChebNetTests",
    dependencies: ["CAllocations", "Canonical", "ChebNet", "Kernels", "SpectralGraph", "TestSupport"],
    swiftSettings: numeric),
  .testTarget(
    name: "GoldenTests", dependencies: ["Canonical", "ChebNet", "Kernels", "SpectralGraph", "TestSupport"],
    resources: [.copy("Cases")], swiftSettings: numeric),
  .testTarget(
    name: "ClipsTests", dependencies: ["COpenCV", "Canonical", "Clips", "Kernels", "TestSupport"],
    swiftSettings: numeric),
  .testTarget(
    name: "TrainingTests",
    dependencies: ["Canonical", "ChebNet", "Clips", "Kernels", "SpectralGraph", "TestSupport", "Training"],
    swiftSettings: numeric),
  .testTarget(name: "StudyTests", dependencies: ["Canonical", "Study", "TestSupport"], swiftSettings: strict),
  .testTarget(name: "MessagesTests", dependencies: ["Canonical", "Messages", "TestSupport"], swiftSettings: strict),
  .testTarget(name: "AccessTests", dependencies: ["Access"], swiftSettings: strict),
  .testTarget(
    name: "CoordinationTests",
    dependencies: ["Access", "Canonical", "Coordination", "Messages", "TestSupport"], swiftSettings: strict),
  .testTarget(
    name: "SimulationTests",
    dependencies: ["Coordination", "Simulation", "TestSupport"], swiftSettings: strict),
  .testTarget(name: "LedgerTests", dependencies: ["Canonical", "Ledger", "TestSupport"], swiftSettings: strict),
  .testTarget(
    name: "ClusterTests",
    dependencies: ["Access", "Canonical", "Cluster", "Coordination", "Ledger", "Messages", "Study", "TestSupport"],
    swiftSettings: strict),
  .testTarget(
    name: "ReportsTests", dependencies: ["Canonical", "Reports", "Study", "TestSupport"], swiftSettings: strict),
  .testTarget(
    name: "microfoldTests",
    dependencies: ["Canonical", "Clips", "Ledger", "Reports", "Study", "TestSupport", "bench", "microfold"],
    swiftSettings: strict),
  .testTarget(name: "TidyTests", dependencies: ["TestSupport"], swiftSettings: strict),
]

/// libFuzzer's target, for `scripts/fuzz` alone: every module is then built with its counters.
let fuzzing: [Target] =
  Context.environment["MICROFOLD_FUZZ"] == nil
  ? []
  : [
    .executableTarget(
      name: "fuzz", dependencies: ["Access", "CYAML", "Canonical", "Clips", "Messages", "Study"], path: "Tests/fuzz",
      exclude: ["Corpus"], swiftSettings: strict,
      linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])])
  ]

let package = Package(
  name: "microfold",
  products: [
    .executable(name: "microfold", targets: ["microfold"]),
    .executable(name: "bench", targets: ["bench"]),
  ],
  targets: system + shared + data + control + meeting + tests + fuzzing,
  cLanguageStandard: .c17,
  cxxLanguageStandard: .cxx17)
