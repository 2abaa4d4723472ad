import Netlink
import Reactor

@testable import Jobs

/// Records that differ in every field, and in what a field may hold.
enum RecordSpecimens {
    static let all = owners + specifications + lives + ends

    private static let owners: [JobRecord] = [
        Specimen.record(1),
        Specimen.record(2, requestID: "r", owner: Tenant(name: "alice", issuerKeyHash: [0, 255])),
        Specimen.record(
            3, requestID: "100 %\n",
            owner: Tenant(nameBytes: [0, 0xFF, 0x25, 0x41], issuerKeyHash: [])),
        Specimen.record(4, requestID: "ä", owner: Tenant(name: "älice %41", issuerKeyHash: [1])),
        JobRecord(
            id: Specimen.id(5), owner: nil, order: JobOrder(nil),
            createdAt: Timestamp(nanoseconds: -1)),
    ]

    private static let specifications: [JobRecord] = [
        JobSpecification(command: .shell("echo \"$X\" \\ \u{1} \t\n \u{7F} é e\u{301} 👩‍👩‍👧 \u{2028}")),
        JobSpecification(command: .program("", arguments: ["", "a", "{", "]", "\""])),
        JobSpecification(
            command: .program("/bin/env", arguments: []), name: "web",
            environment: [
                "": "", "A": "1", "Ä": "=,\"", "LONG": String(repeating: "x", count: 70_000),
            ],
            workingDirectory: "/srv", labels: ["team": "ops", "a/b": ""], mergeOutput: true),
    ].enumerated().map { index, specification in
        JobRecord(
            id: Specimen.id(10 + UInt64(index)), owner: Workbench.bob.tenant,
            order: JobOrder(
                specification,
                limits: ResourceLimits(
                    cpuMillis: 1, memoryMax: UInt64(Int64.max), cpus: "0-3",
                    io: [ResourceLimits.IOLimit(device: "8:0", readBytes: 7)]),
                ungranted: index == 0 ? [] : ["One 100 %.", "Two."]),
            createdAt: Timestamp(nanoseconds: .max),
            controlGroup: "/sys/fs/cgroup/a b%/\(index)", bootID: "boot \(index)",
            subIDBase: 65_536 * UInt32(index + 1))
    }

    private static let lives: [JobRecord] = [false, true].map { isBeingDeleted in
        var record = Specimen.record(isBeingDeleted ? 20 : 21)
        record.stop = StopIntent(
            signal: 64, grace: .nanoseconds(1), requestedAt: Timestamp(nanoseconds: 3),
            cause: isBeingDeleted ? .timeOver : .asked)
        record.order.timeout = isBeingDeleted ? .seconds(1) : nil
        record.order.logLimit =
            isBeingDeleted ? LogLimit(maxBytes: 1 << 40, whenFull: .stopJob) : nil
        record.networkAddress = isBeingDeleted ? IPv4Address(number: .max) : nil
        record.isByAdmin = isBeingDeleted
        record.queueing = isBeingDeleted ? .waiting : .over
        record.isBeingDeleted = isBeingDeleted
        return record
    }.reversed().sorted { $0.id < $1.id }

    private static let ends: [JobRecord] = verdicts.enumerated().map { index, verdict in
        var record = Specimen.record(30 + UInt64(index))
        let isStarted = verdict.outcome != .startFailed
        record.end = JobEnd(
            verdict: verdict, startedAt: isStarted ? Timestamp(nanoseconds: 1) : nil,
            endedAt: Timestamp(nanoseconds: 2),
            startFailure: isStarted ? nil : failure(index),
            usage: index.isMultiple(of: 2) ? nil : Specimen.jobEnd.usage,
            outputSize: .max, droppedBytes: 1 << 63,
            reachedLogLimit: index == 2)
        return record
    }

    private static let verdicts =
        JobOutcome.allCases.map { JobVerdict(outcome: $0, exitStatus: .exited(code: -1)) }
        + [.lost, .startFailed, JobVerdict(outcome: .killed, exitStatus: .signaled(number: 9))]

    private static func failure(_ index: Int) -> StartFailure {
        let causes = StartFailure.Cause.allCases
        let stages = StartFailure.Stage.allCases
        return StartFailure(
            stage: stages[index % stages.count], errorNumber: Int32(index),
            cause: causes[index % causes.count], sentence: "It does not start: 100 %\u{7}.")
    }
}
