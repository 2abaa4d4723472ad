import Foundation
import Jobs

/// Five jobs of a daemon that is about to die at one of its steps: one that is followed all the
/// while, and one each to be started, stopped, ended and deleted.
final class Scene {
    private(set) var cast: [Protagonist]
    private let daemon: Daemon
    private let point: StopPoint
    private let bystander: Protagonist
    private let starting: Protagonist
    private let stopping: Protagonist
    private let ending: Protagonist
    private let gate: Gate
    private let deleted: String
    private var deleter: RunningProgram?
    private var queueStopper: RunningProgram?
    private var queueStopped: String?
    private var stray: String?

    /// Lets all of them run but the one to be started; the one to be deleted has ended.
    init(on daemon: Daemon, before point: StopPoint) throws {
        self.daemon = daemon
        self.point = point
        gate = Gate("gate", in: daemon.directory)
        let make = { (play: Play) in Protagonist(play, on: daemon, startsByFollowing: false) }
        bystander = make(.talks(lines: 300, pause: 0.01, code: 0))
        starting = make(.talks(lines: 30, pause: 0.01, code: 42))
        stopping = make(point == .killSent ? .resists : .waits)
        ending = make(.passes(gate.wait))
        cast = [bystander, stopping, ending]
        deleted = try daemon.runShell("echo gone")
        guard try daemon.cmdctl("wait", deleted).code == 0 else {
            throw EndToEndFailure("a job that only writes a line does not succeed")
        }
        for protagonist in cast {
            try protagonist.ask()
            try protagonist.hearOfStart()
            try protagonist.ask()
        }
        while !stopping.isReadyToStop { try daemon.letLive(milliseconds: 5) }
    }

    /// Changes what the next daemon finds: while there is none, a job ends, and files turn up of
    /// which nothing is on record.
    func changeBetweenLives() throws {
        guard point.part == .adoption, let ended = ending.id else { return }
        let shim = try daemon.shim(of: ended)
        try gate.open()
        try ProcessTable.waitForEnd(of: shim)
        if point == .strayRecorded { stray = try Self.makeStray(for: daemon) }
    }

    /// A job of another server's, whose files were moved here.
    private static func makeStray(for daemon: Daemon) throws -> String {
        let other = try Daemon()
        let job = try other.runShell("echo stray")
        guard try other.cmdctl("wait", job).code == 0 else {
            throw EndToEndFailure("a job that only writes a line does not succeed")
        }
        for name in ["\(job).log", "\(job).idx"] {
            try FileManager.default.moveItem(
                atPath: "\(other.stateDirectory)/logs/\(name)",
                toPath: "\(daemon.stateDirectory)/logs/\(name)")
        }
        return job
    }

    /// Does what leads to the step, whichever it is, and waits for the daemon's death there; some
    /// steps are taken before it listens.
    func provokeDeath() throws -> Int32 {
        if try daemon.comesToListen() {
            switch point.part {
            case .start:
                cast.append(starting)
                try starting.ask()
            case .queue: try provokeInQueue()
            case .stop: try stopping.stopIfReady()
            case .end: try gate.open()
            case .delete: deleter = try daemon.start(["rm", deleted])
            case .adoption: break
            }
        }
        return try daemon.waitForEnd()
    }

    /// Lets a job wait for others to end, and then one of them end, or stops the one that waits.
    private func provokeInQueue() throws {
        cast.append(starting)
        try starting.ask()
        guard point != .queuedRecorded else { return }
        if point == .queueStopRecorded {
            let waiting = try daemon.run(["sleep", "4321"])
            queueStopped = waiting
            queueStopper = try daemon.start(["stop", waiting])
        } else {
            try starting.hearOfStart()
            try gate.open()
        }
    }

    /// Lets everything come to its end, whatever had been begun.
    func conclude() throws {
        if cast.count == 3 { cast.append(starting) }
        let isOpen = [.end, .adoption].contains(point.part) || point == .queueingOver
        if !isOpen { try gate.open() }
        try cast.playToTheEnd()
        _ = try deleter?.finish()
        if let stopped = try queueStopper?.finish(), stopped.code != 0 {
            throw EndToEndFailure("\(stopped)")
        }
        if let queueStopped { _ = try daemon.cmdctl("rm", queueStopped) }
        let deletion = try daemon.cmdctl("rm", deleted)
        guard deletion.code == 0 || deletion.errorText.contains("No job") else {
            throw EndToEndFailure("\(deletion)")
        }
    }

    /// The faults of all, those of the stray included: only an admin knows of it.
    func faults() throws -> [String] {
        let faults = try cast.flatMap { try $0.faults() }
        guard let stray else { return faults }
        let admin = try daemon.certificates.issue("admin", role: "admin")
        let output = try daemon.cmdctl("get-output", stray, as: admin)
        let deletion = try daemon.cmdctl("rm", stray, as: admin)
        return faults
            + (output.text == "stray\n" ? [] : ["\(output)"])
            + (deletion.code == 0 ? [] : ["\(deletion)"])
    }
}

extension StopPoint {
    enum Part { case start, queue, stop, end, delete, adoption }

    /// Which part of a daemon's work the step belongs to.
    var part: Part {
        switch self {
        case .startRecorded, .filesMade, .groupMade, .shimSpawned, .startReported, .startAnnounced:
            .start
        case .queuedRecorded, .queueingOver, .queueStopRecorded: .queue
        case .stopRequested, .stopRecorded, .stopSignalSent, .killSent: .stop
        case .shimEnded, .verdictRead, .endAnnounced, .endRecorded: .end
        case .recordsLoaded, .directorySurveyed, .strayRecorded, .jobAdopted, .endFound, .recovered:
            .adoption
        case .deletionRecorded, .filesRemoved, .deletionFinished: .delete
        }
    }
}
