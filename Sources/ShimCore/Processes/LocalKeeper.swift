import ShimProtocol

/// Keeps a job whose leader is the caller's own child.
final class LocalKeeper: ProcessKeeper {
    private let system: any ShimSystem
    private let leader: Int32
    private let reach: KillReach
    /// The pipe that ends with the execution of the program; see `StartedProcess`.
    private var execution: Int32?
    private var isLeaderAlive = true
    private var isKilling = false
    private var hasFailed = false

    init(system: any ShimSystem, leader: StartedProcess, reach: KillReach) {
        self.system = system
        self.leader = leader.pid
        self.reach = reach
        execution = leader.descriptor
    }

    var descriptor: Int32? { execution }

    func descriptorReady() -> [EndSequence.Event] {
        guard let execution else { return [] }
        self.execution = nil
        defer { system.close(execution) }
        guard let failure = readFailure(execution) else { return [.started(leaderPID: leader)] }
        hasFailed = true
        return [.failed(failure)]
    }

    func childrenEnded() -> [EndSequence.Event] {
        var events: [EndSequence.Event] = []
        while true {
            switch system.reapChild() {
            case .ended(leader, let how): events += leaderEnded(how)
            case .ended: break
            case .noChildren: return events + [.nothingLeft]
            case .noneYet: return events + killAgain()
            }
        }
    }

    /// The PID of a leader that was reaped may be another's by now.
    func send(_ signal: Int32, to target: SignalTarget) {
        guard isLeaderAlive else { return }
        switch target {
        case .leader: system.signal(signal, process: leader)
        case .group: system.signal(signal, group: leader)
        }
    }

    func killEverything() -> [EndSequence.Event] {
        isKilling = true
        return killAgain()
    }

    func killHarder() -> [EndSequence.Event] { killAgain() }

    /// Executing the program came before its end, whichever was noticed first.
    private func leaderEnded(_ how: ProcessEnd) -> [EndSequence.Event] {
        isLeaderAlive = false
        let events = descriptorReady()
        return hasFailed ? events : events + [.leaderEnded(how)]
    }

    /// Orphans appear when their parents die, so each death calls for another look.
    ///
    /// What may not be killed, because it runs as another user (sudo(8)), cannot be waited for.
    private func killAgain() -> [EndSequence.Event] {
        guard isKilling else { return [] }
        return system.kill(reach) ? [] : [.nothingLeft]
    }

    /// Does not wait: it is called when the pipe is at its end, or its only writer is dead.
    private func readFailure(_ pipe: Int32) -> StartFailure? {
        let bytes = [UInt8](
            unsafeUninitializedCapacity: StartReport.encodedSizeMax
        ) { buffer, count in
            count = (try? system.read(pipe, into: UnsafeMutableRawBufferPointer(buffer))) ?? 0
        }
        return StartFailure(encodedReport: bytes)
    }
}
