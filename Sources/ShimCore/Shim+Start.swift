import Glibc
import ShimProtocol

extension Shim {
    /// No plan is longer: execve(2) takes a quarter of that at most.
    private static let planSizeMax = 32 << 20

    /// The whole of `cmdctl-shim`.
    package static func main(system: any ShimSystem) -> ShimExit {
        guard let shim = start(system) else { return .neverStarted }
        system.releaseFreeMemory()
        return shim.run()
    }

    /// Launches the job of the plan that the system has for this shim.
    ///
    /// - Returns: nil if it cannot be launched; that is on record then, and reported.
    package static func start(_ system: any ShimSystem) -> Shim? {
        do throws(StartFailure) {
            system.leaveDaemon()
            let signals = try at(.supervisor, "signalfd") { () throws(SystemError) in
                try system.silenceSignals()
                return try system.openSignals()
            }
            let plan = try readPlan(system)
            var writer = try openFiles(system, plan)
            do throws(StartFailure) {
                return try launch(system, plan, writer, signals: signals)
            } catch {
                writer.recordFailure(error)
                throw error
            }
        } catch {
            try? system.write(error.report.encoded(), toPipe: ShimDescriptor.status)
            return nil
        }
    }

    private static func launch(
        _ system: any ShimSystem, _ plan: ShimPlan, _ writer: OutputWriter, signals: Int32
    ) throws(StartFailure) -> Shim {
        if let group = plan.shimCgroupDirectory {
            try at(.cgroup, group) { () throws(SystemError) in
                try system.enterControlGroup(group)
            }
        }
        let pipes = try makePipes(system, merged: plan.mergeOutput)
        let launch = LeaderLaunch(
            plan: plan, standardOutput: pipes.output.write,
            standardError: (pipes.error ?? pipes.output).write)
        system.hideFromOtherProcesses()
        let keeper = try makeKeeper(system, launch)
        // Not before: a child is born with the shield, and may take it up again for ever.
        system.shieldFromMemoryPressure()
        system.reached(.leaderStarted)
        system.closeStreams(of: launch)
        return Shim(
            system: system, signals: signals, keeper: keeper, writer: writer,
            relay: Relay(
                system: system, standardOutput: pipes.output.read,
                standardError: pipes.error?.read),
            cgroupDirectory: plan.cgroupDirectory)
    }

    private static func readPlan(_ system: any ShimSystem) throws(StartFailure) -> ShimPlan {
        let bytes = try at(.plan, "plan") { () throws(SystemError) in
            try system.contents(of: ShimDescriptor.plan, atMost: planSizeMax)
        }
        system.close(ShimDescriptor.plan)
        do throws(FormatError) {
            return try ShimPlan(decoding: bytes)
        } catch {
            throw StartFailure(stage: .plan, errno: 0, detail: "\(error)")
        }
    }

    private static func openFiles(
        _ system: any ShimSystem, _ plan: ShimPlan
    ) throws(StartFailure) -> OutputWriter {
        try at(.files, "log") { () throws(SystemError) in
            try system.prepareForPositionalWrites(ShimDescriptor.log)
        }
        return try at(.files, "index") { () throws(SystemError) in
            try system.prepareForPositionalWrites(ShimDescriptor.index)
            system.reached(.filesOpened)
            let header = IndexHeader(
                jobID: plan.jobID, head: 0, createdNanoseconds: system.wallClockNanoseconds,
                shimPID: system.processID)
            let index = try IndexFile(
                storage: system, descriptor: ShimDescriptor.index, header: header)
            system.reached(.headerWritten)
            return OutputWriter(
                storage: system, log: ShimDescriptor.log, index: index, limit: plan.logLimit)
        }
    }

    private typealias Pipe = (read: Int32, write: Int32)

    private static func makePipes(
        _ system: any ShimSystem, merged: Bool
    ) throws(StartFailure) -> (output: Pipe, error: Pipe?) {
        try at(.files, "pipe") { () throws(SystemError) in
            (try system.makeOutputPipe(), merged ? nil : try system.makeOutputPipe())
        }
    }

    private static func makeKeeper(
        _ system: any ShimSystem, _ launch: LeaderLaunch
    ) throws(StartFailure) -> any ProcessKeeper {
        if launch.plan.makePIDNamespace {
            return RemoteKeeper(system: system, initProcess: try system.startInit(launch))
        }
        try at(.supervisor, "subreaper") { () throws(SystemError) in
            try system.becomeSubreaper()
        }
        return LocalKeeper(
            system: system, leader: try system.startLeader(launch),
            reach: .descendants(cgroupDirectory: launch.plan.cgroupDirectory))
    }
}

extension ShimSystem {
    /// Gives up the job's ends of its pipes, which must end with the job, and its input, which takes
    /// memory.
    func closeStreams(of launch: LeaderLaunch) {
        closeInput()
        close(launch.standardOutput)
        if launch.standardError != launch.standardOutput { close(launch.standardError) }
    }
}
