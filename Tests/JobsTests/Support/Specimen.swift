import Reactor
import ShimProtocol

@testable import Jobs

/// Jobs without processes, for tables.
enum Specimen {
    /// An identifier that only counts.
    static func id(_ number: UInt64) -> JobID {
        JobID(high: 0x0192_f3a4_5b6c_7000, low: 0x8000_0000_0000_0000 + number)
    }

    /// A job that is starting.
    static func job(
        _ number: UInt64, name: String? = nil, owner: Viewer = Workbench.alice,
        labels: [String: String] = [:]
    ) -> Job {
        Job(
            JobRecord(
                id: id(number), owner: owner.tenant,
                order: JobOrder(
                    JobSpecification(
                        command: .program("true", arguments: []), name: name, labels: labels)),
                createdAt: Timestamp(nanoseconds: Int64(number))))
    }

    /// A last record.
    static func end(
        _ how: ProcessEnd = .exited(code: 0), killed: Bool = false, stopped: Bool = false,
        signaled: Bool = false, timedOut: Bool = false, outputSize: UInt64 = 0
    ) -> EndRecord {
        EndRecord(
            how: how, killedByShim: killed, stopRequested: stopped, signalRequested: signaled,
            outputSize: outputSize, timeNanoseconds: 1, userCPUMicroseconds: 2,
            systemCPUMicroseconds: 3, maxResidentBytes: 4, droppedBytes: 0,
            timedOut: timedOut)
    }
}

extension Job {
    /// Lets a job without processes end.
    func endAsSpecimen(_ record: EndRecord? = Specimen.end()) {
        _ = life.startReported()
        _ = life.shimEnded()
        _ = life.verdictRead(record.map(JobVerdict.init) ?? .lost)
        stopSequence.ended()
    }
}
