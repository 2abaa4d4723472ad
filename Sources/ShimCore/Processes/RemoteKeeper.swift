import Glibc
import ShimProtocol

/// Keeps a job that lives in its own PID namespace, through the namespace's first process.
final class RemoteKeeper: ProcessKeeper {
    private let system: any ShimSystem
    private let initProcess: Int32
    private var link: Int32?

    init(system: any ShimSystem, initProcess: StartedProcess) {
        self.system = system
        self.initProcess = initProcess.pid
        link = initProcess.descriptor
    }

    var descriptor: Int32? { link }

    func descriptorReady() -> [EndSequence.Event] {
        var events: [EndSequence.Event] = []
        while let report = nextReport() {
            switch report {
            case .started(let innerPID):
                let leader = system.child(of: initProcess, withInnerPID: innerPID)
                events.append(.started(leaderPID: leader ?? 0))
            case .failed(let failure): events.append(.failed(failure))
            case .leaderEnded(let how): events.append(.leaderEnded(how))
            }
        }
        return events
    }

    /// The shim's only child here is the first process, which ends after all others.
    func childrenEnded() -> [EndSequence.Event] {
        while true {
            switch system.reapChild() {
            case .ended: break
            case .noneYet: return []
            case .noChildren: return descriptorReady() + [.nothingLeft]
            }
        }
    }

    func send(_ signal: Int32, to target: SignalTarget) {
        tell(.send(signal: signal, to: target))
    }

    /// The first process reaps all it kills, so that what they used is known to the shim.
    func killEverything() -> [EndSequence.Event] {
        tell(.killEverything)
        return []
    }

    /// The kernel kills a namespace that has lost its first process, pid_namespaces(7).
    func killHarder() -> [EndSequence.Event] {
        system.signal(SIGKILL, process: initProcess)
        return []
    }

    /// If the first process does not listen any more, SIGCHLD tells all that is to know.
    private func tell(_ command: LinkCommand) {
        guard let link else { return }
        try? system.send(command.encoded, on: link)
    }

    private func nextReport() -> LinkReport? {
        guard let link, let message = nextMessage(on: link) else { return nil }
        if message.isEmpty {
            system.close(link)
            self.link = nil
        }
        return LinkReport(decoding: message)
    }

    /// A first process that ended without having read a command leaves ECONNRESET, once, before
    /// the reports it sent: unix(7) sockets tell errors first.
    private func nextMessage(on link: Int32) -> [UInt8]? {
        while true {
            do throws(SystemError) {
                return try system.receive(on: link)
            } catch {
                guard error.number == ECONNRESET else { return nil }
            }
        }
    }
}
