import Jobs
import Logging
import Reactor
import ShimProtocol
import Simulator

/// A supervisor on a simulated machine, where a few lines play the shim.
final class SimulatedBench {
    static let viewer = Viewer(tenant: Tenant(name: "alice"), isAdmin: false)
    private static let shimPath = "/cmdctl-shim"

    let machine = SimulatedMachine(seed: 1)
    let reactor: Reactor
    let supervisor: JobSupervisor
    /// What is on record.
    let store = DurableStore()

    init(
        controllers: [String]? = nil, limitPolicy: LimitPolicy = LimitPolicy(),
        quota: StartQuota = StartQuota(), recorded: [JobRecord] = [],
        shim: @escaping SimulatedProgram = { $0.startJob() }
    ) throws {
        if let controllers { machine.mountControlGroups(controllers) }
        reactor = machine.makeReactor()
        machine.install(SimulatedBench.shimPath, shim)
        for record in recorded { store.add(.accepted(record)) }
        _ = store.complete(recorded.map { _ in nil })
        supervisor = try JobSupervisor(
            reactor: reactor, stateDirectory: "/state", shimPath: SimulatedBench.shimPath,
            records: SimulatedRecords(store, on: machine, reactor: reactor),
            limitPolicy: limitPolicy, quota: quota,
            logger: Logger(label: "jobs", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    /// Takes over what is on record, and lets happen what comes of it.
    func recover() throws -> [Job] {
        supervisor.recover { _ in }
        try machine.advance(by: .seconds(60))
        let admin = Viewer(tenant: Tenant(name: "admin"), isAdmin: true)
        return supervisor.list(JobFilter(), after: nil, limit: 100, for: admin).jobs
    }

    /// The answer to a start, once everything has settled.
    func start() throws -> Result<Job, JobError>? {
        var answer: Result<Job, JobError>?
        let specification = JobSpecification(command: .program("true", arguments: []))
        supervisor.start(specification, owner: SimulatedBench.viewer, requestID: nil) {
            answer = $0
        }
        try machine.runUntilIdle()
        return answer
    }
}

extension SimulatedProcess {
    /// Does as a shim does whose command runs; a kill ends it.
    func startJob(reportVersion: UInt8 = UInt8(StartReport.version)) {
        let header = IndexHeader(
            jobID: [UInt8](repeating: 0, count: 16), head: 0, createdNanoseconds: 1)
        let started = IndexRecord.started(timeNanoseconds: 1, shimPID: pid, leaderPID: 2)
        let report = StartReport.started(leaderPID: 2, timeNanoseconds: 1)
        onSignal { process, signal in
            guard signal.number == ShimCommand.kill.signalNumber else { return }
            process.endJob(.signaled(number: 9), killed: true)
        }
        write(header.encoded() + started.encoded(), to: ShimDescriptor.index, "the index")
        var bytes = report.encoded()
        bytes[4] = reportVersion
        write(bytes, to: ShimDescriptor.status, "the report")
    }

    /// Does as a shim does whose job has ended.
    func endJob(_ how: ProcessEnd, killed: Bool = false) {
        let record = EndRecord(
            how: how, killedByShim: killed, stopRequested: false, signalRequested: false,
            outputSize: 0, timeNanoseconds: 2, userCPUMicroseconds: 0, systemCPUMicroseconds: 0,
            maxResidentBytes: 0, droppedBytes: 0)
        write(IndexRecord.end(record).encoded(), to: ShimDescriptor.index, "the index")
        exit(code: 0)
    }

    private func write(_ bytes: [UInt8], to descriptor: Int32, _ name: String) {
        guard (try? write(bytes, to: descriptor)) == bytes.count else {
            preconditionFailure("\(name) does not take what is written to it")
        }
    }
}
