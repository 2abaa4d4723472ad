// swift-tools-version: 6.2
import PackageDescription

/// Every target: Swift 6 language mode, no warning survives, existentials and imports are spelled out.
let houseRules: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// The rooms that touch raw memory: each such place carries the word `unsafe`.
let memorySafety: [SwiftSetting] = houseRules + [.strictMemorySafety()]

let argumentParser: Target.Dependency = .product(
    name: "ArgumentParser", package: "swift-argument-parser")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let heap: Target.Dependency = .product(name: "HeapModule", package: "swift-collections")
let ordered: Target.Dependency = .product(name: "OrderedCollections", package: "swift-collections")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let protobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

/// What `Tests/Fuzz` feeds, and with what.
let fuzzedRooms: [Target.Dependency] = [
    "ShimProtocol", "ShimCore", "Reactor", "Transport", "Jobs", "JobsAPI", "Server", "Simulator",
    "TestSupport", "COpenSSL", logging, protobuf,
]

let package = Package(
    name: "cmdctl",
    products: [
        .executable(name: "cmdctld", targets: ["Server"]),
        .executable(name: "cmdctl", targets: ["Client"]),
        .executable(name: "cmdctl-shim", targets: ["Shim"]),
        .library(name: "Jobs", targets: ["Jobs"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        // Without its traits: SwiftPM passes them on in random order, and each other build would
        // compile the library again.
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    ],
    targets: [
        // C that Swift cannot import: variadics, macros, what runs between clone and exec.
        .target(
            name: "CLinux",
            cSettings: [
                .treatAllWarnings(as: .error), .enableWarning("all"), .enableWarning("extra"),
            ]),
        .systemLibrary(
            name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(
            name: "CNGHTTP2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
        .systemLibrary(
            name: "CSeccomp", pkgConfig: "libseccomp", providers: [.apt(["libseccomp-dev"])]),
        .systemLibrary(
            name: "CURing", pkgConfig: "liburing", providers: [.apt(["liburing-dev"])]),

        // Messages to the kernel about networks, for the daemon and the shim.
        .target(name: "Netlink", swiftSettings: houseRules),

        // The shim: one small process per job, which outlives the daemon.
        .target(name: "ShimProtocol", swiftSettings: houseRules),
        .target(
            name: "ShimCore", dependencies: ["CLinux", "Netlink", "ShimProtocol"],
            swiftSettings: houseRules),
        .executableTarget(
            name: "Shim", dependencies: ["ShimCore"], swiftSettings: houseRules,
            linkerSettings: [.unsafeFlags(["-static-executable"])]),

        // The daemon and its command line.
        .target(
            name: "Reactor", dependencies: ["CLinux", "CURing", deque, heap],
            swiftSettings: memorySafety),
        .target(
            name: "Transport", dependencies: ["Reactor", "COpenSSL", "CNGHTTP2", deque],
            swiftSettings: memorySafety),
        .target(
            name: "Jobs",
            dependencies: [
                "Reactor", "Netlink", "ShimProtocol", "CSeccomp", deque, ordered, logging, grdb,
            ],
            swiftSettings: houseRules),
        .target(name: "JobsAPI", dependencies: [protobuf], swiftSettings: houseRules),
        .executableTarget(
            name: "Server",
            dependencies: [
                "Reactor", "Netlink", "Transport", "Jobs", "JobsAPI", argumentParser, deque,
                logging,
                yams, protobuf,
            ],
            swiftSettings: houseRules),
        .executableTarget(
            name: "Client",
            dependencies: [
                "Reactor", "Transport", "JobsAPI", argumentParser, deque, yams, protobuf,
            ],
            swiftSettings: houseRules),

        // Tests: the simulated machine and shared support first, then a target for each room.
        .target(
            name: "Simulator", dependencies: ["Reactor", "Jobs", "ShimCore", "ShimProtocol"],
            path: "Tests/Simulator",
            swiftSettings: houseRules),
        .target(
            name: "TestSupport", dependencies: ["Reactor", "Simulator", "Transport"],
            path: "Tests/TestSupport", swiftSettings: houseRules),
        .testTarget(
            name: "ReactorTests",
            dependencies: ["CSeccomp", "CURing", "Reactor", "Simulator", "TestSupport"],
            swiftSettings: houseRules),
        .testTarget(
            name: "TransportTests",
            dependencies: [
                "Transport", "Reactor", "Simulator", "TestSupport", "CNGHTTP2", "COpenSSL",
            ],
            swiftSettings: houseRules),
        .testTarget(
            name: "NetlinkTests", dependencies: ["Netlink", "CLinux", "TestSupport", "Reactor"],
            swiftSettings: houseRules),
        .testTarget(
            name: "ShimTests",
            dependencies: [
                "CLinux", "Reactor", "ShimCore", "ShimProtocol", "Simulator", "TestSupport",
            ],
            swiftSettings: houseRules),
        .testTarget(
            name: "JobsTests",
            dependencies: [
                "Jobs", "Netlink", "ShimProtocol", "Reactor", "CSeccomp", "Simulator",
                "TestSupport",
                grdb,
            ],
            swiftSettings: houseRules),
        .testTarget(
            name: "ServerTests",
            dependencies: [
                "Server", "Jobs", "JobsAPI", "Netlink", "Transport", "Reactor", "Simulator",
                "TestSupport", argumentParser, logging, protobuf,
            ],
            swiftSettings: houseRules),
        .testTarget(
            name: "ClientTests",
            dependencies: [
                "Client", "JobsAPI", "Transport", "Reactor", "Simulator", "TestSupport",
                argumentParser, protobuf,
            ],
            swiftSettings: houseRules),
        .testTarget(
            name: "SimulationTests",
            dependencies: [
                "Server", "Jobs", "JobsAPI", "Transport", "ShimCore", "ShimProtocol", "Reactor",
                "Simulator", logging, protobuf,
            ],
            swiftSettings: houseRules),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["Jobs", "ShimCore", "Simulator", "TestSupport", grdb],
            swiftSettings: houseRules),
        .testTarget(
            name: "FuzzTests",
            dependencies: fuzzedRooms, path: "Tests/Fuzz", exclude: ["Driver.swift", "corpus"],
            swiftSettings: houseRules),
        .testTarget(
            name: "HouseStyleTests", dependencies: ["JobsAPI", protobuf], swiftSettings: houseRules),
    ]
)

// `make fuzz` makes a program of what are tests otherwise, and a library of the daemon, because no
// program can be linked with another.
if Context.environment["CMDCTL_FUZZ"] != nil,
    let server = package.targets.first(where: { $0.name == "Server" })
{
    package.products = [.executable(name: "cmdctl-fuzz", targets: ["Fuzz"])]
    package.targets.removeAll { $0 === server || $0.isTest }
    package.targets += [
        .target(
            name: server.name, dependencies: server.dependencies, exclude: ["Main.swift"],
            swiftSettings: server.swiftSettings),
        .executableTarget(
            name: "Fuzz", dependencies: fuzzedRooms, path: "Tests/Fuzz",
            exclude: ["CorpusTests.swift", "corpus"], swiftSettings: houseRules),
    ]
}

// `make sim` runs one target of tests, optimized: what that does not need would take longer to build
// than the seeds take to run.
if Context.environment["CMDCTL_SIM"] != nil {
    package.products = []
    package.targets.removeAll { target in
        target.isTest && target.name != "SimulationTests"
            || ["Client", "Shim", "TestSupport"].contains(target.name)
    }
}
