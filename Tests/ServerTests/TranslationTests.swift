import Jobs
import JobsAPI
import Reactor
import SwiftProtobuf
import Testing

@testable import Server

/// Between the words of the API and those of the jobs room.
@Suite struct TranslationTests {
    static let specifications = [
        JobSpecification(command: .program("ls", arguments: ["-l", "", "ä"])),
        JobSpecification(
            command: .shell("exit 7"), name: "web", environment: ["A": "1", "B": ""],
            workingDirectory: "/tmp", labels: ["team": "x"], mergeOutput: true),
        JobSpecification(
            command: .shell("true"), isolation: .image, image: "debian", user: "www",
            network: .private,
            limits: ResourceLimits(
                cpuMillis: 500, cpuWeight: 10, memoryMax: .max, memoryHigh: 0, swapMax: 1,
                pidsMax: .max, cpus: "0-1",
                io: [
                    .init(device: "8:0", readBytes: 1, writeBytes: 2, reads: 3, writes: 4), .init(),
                ]),
            timeout: .milliseconds(1500), logLimit: LogLimit(maxBytes: 9, whenFull: .dropNewest)),
        JobSpecification(
            command: .shell("true"), isolation: .strict, network: JobSpecification.Network.none,
            logLimit: LogLimit(whenFull: .keepNewest)),
    ]

    @Test(arguments: specifications)
    func `a specification survives the way there and back`(specification: JobSpecification) throws {
        #expect(try JobSpecification(Cmdctl_V1_JobSpec(specification)) == specification)
    }

    @Test func `what is left out has its default`() throws {
        let message = Cmdctl_V1_JobSpec.with { $0.command.argv.program = "true" }
        let specification = try JobSpecification(message)
        #expect(specification == JobSpecification(command: .program("true", arguments: [])))
    }

    @Test func `an unknown isolation is refused by field`() throws {
        var unknown = Cmdctl_V1_JobSpec.with { $0.command.shell = "true" }
        unknown.isolation = .UNRECOGNIZED(99)
        let error = try #require(throws: CallError.self) { try JobSpecification(unknown) }
        #expect(ErrorAnswer(error).violations.map(\.field) == ["spec.isolation"])
    }

    @Test func `unknown words and a time limit of nothing are refused by field`() throws {
        let nonsense: [(String, (inout Cmdctl_V1_JobSpec) -> Void)] = [
            ("spec.network", { $0.network = .UNRECOGNIZED(9) }),
            ("spec.log_limit.when_full", { $0.logLimit.whenFull = .UNRECOGNIZED(9) }),
            ("spec.timeout", { $0.timeout = .init() }),
            ("spec.timeout", { $0.timeout = .init(seconds: -1) }),
        ]
        for (field, change) in nonsense {
            let message = Cmdctl_V1_JobSpec.with(change)
            let error = try #require(throws: CallError.self) { try JobSpecification(message) }
            #expect(ErrorAnswer(error).violations.map(\.field) == [field])
        }
    }

    @Test func `no command is an empty one`() throws {
        let specification = try JobSpecification(Cmdctl_V1_JobSpec())
        #expect(specification.command == .program("", arguments: []))
    }

    @Test func `states and outcomes have a word each, and filters read it back`() {
        for state in JobState.allCases {
            let word = Cmdctl_V1_JobState(state)
            #expect(word != .unspecified && JobState(word) == state)
        }
        for outcome in JobOutcome.allCases {
            let word = Cmdctl_V1_JobOutcome(outcome)
            #expect(word != .unspecified && JobOutcome(word) == outcome)
        }
        #expect(JobState(Cmdctl_V1_JobState.unspecified) == nil)
        #expect(JobOutcome(Cmdctl_V1_JobOutcome.UNRECOGNIZED(77)) == nil)
        let stages = StartFailure.Stage.allCases.map { Cmdctl_V1_StartStage($0) }
        #expect(Set(stages).count == stages.count && !stages.contains(.unspecified))
    }

    @Test(arguments: [
        (0, 0, 0), (1, 0, 1), (999_999_999, 0, 999_999_999), (1_000_000_000, 1, 0),
        (-1, -1, 999_999_999), (-1_000_000_000, -1, 0), (Int64.min, -9_223_372_037, 145_224_192),
    ])
    func `nanoseconds count forward, before the epoch too`(
        nanoseconds: Int64, seconds: Int64, nanos: Int32
    ) {
        let message = Google_Protobuf_Timestamp(Timestamp(nanoseconds: nanoseconds))
        #expect(message.seconds == seconds && message.nanos == nanos)
    }

    @Test func `times and durations that are none are not taken`() {
        let times: [Google_Protobuf_Timestamp] = [
            .init(seconds: 0, nanos: -1), .init(seconds: 0, nanos: 1_000_000_000),
            .init(seconds: .max), .init(seconds: .min),
        ]
        for time in times { #expect(Timestamp(validating: time) == nil) }
        let time = Timestamp(validating: .init(seconds: 2, nanos: 5))
        #expect(time == Timestamp(nanoseconds: 2_000_000_005))
        let durations: [Google_Protobuf_Duration] = [
            .init(seconds: -1), .init(seconds: 0, nanos: -1), .init(seconds: 1, nanos: -1),
            .init(seconds: 0, nanos: 1_000_000_000),
        ]
        for duration in durations { #expect(Duration(validating: duration) == nil) }
        #expect(Duration(validating: .init(seconds: 1, nanos: 5)) == .nanoseconds(1_000_000_005))
    }

    @Test func `signals are numbers from 1 to 64`() throws {
        for number: Int32 in [1, 9, 15, 64] { #expect(try SignalNumber(number).number == number) }
        for number: Int32 in [-1, 0, 65, .max, .min] {
            #expect(throws: CallError.self) { try SignalNumber(number) }
        }
    }
}
