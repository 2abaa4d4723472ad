import Foundation

/// A server that is killed again and again while it is busy, and what its clients make of it.
final class CrashStorm {
    let daemon: Daemon
    private(set) var histogram: [String: Int] = [:]
    private(set) var cast: [Protagonist] = []
    private var chances: Chances

    init(seed: UInt64) throws {
        chances = Chances(seed: seed)
        daemon = try Daemon(host: chances.loopbackHost())
    }

    /// Lives through that many crashes, each at a moment of its own.
    func rage(crashes: Int) throws {
        for _ in 0..<crashes {
            for _ in 0..<Int.random(in: 1...3, using: &chances) {
                cast.append(
                    Protagonist(
                        chances.play(), on: daemon,
                        startsByFollowing: Bool.random(using: &chances)))
            }
            try advance()
            try daemon.letLive(milliseconds: Int.random(in: 0...400, using: &chances))
            try crash()
        }
        try cast.playToTheEnd()
    }

    private func advance() throws {
        for protagonist in cast where !protagonist.isOver {
            try protagonist.ask()
            if Bool.random(using: &chances) { try protagonist.stopIfReady() }
        }
        // On a busy machine clients come late: every other crash finds those who were answered.
        guard Bool.random(using: &chances) else { return }
        for protagonist in cast where !protagonist.isOver {
            try protagonist.hearOfStart()
            try protagonist.ask()
        }
    }

    private func crash() throws {
        let code = try daemon.die()
        guard code == 137 else {
            throw EndToEndFailure("the daemon had ended by itself: \(try daemon.lastWords())")
        }
        for protagonist in cast {
            histogram[daemon.phase(of: protagonist), default: 0] += 1
        }
        try daemon.restart()
        for protagonist in cast where !protagonist.isOver { try protagonist.hear() }
    }
}

extension Chances {
    /// An address of this host that no other test listens on: after a crash the port is still
    /// there to be had.
    mutating func loopbackHost() -> String {
        let parts = (0..<3).map { _ in Int.random(in: 2...253, using: &self) }
        return "127.\(parts[0]).\(parts[1]).\(parts[2])"
    }
}

extension Daemon {
    /// Waits so long, unless the daemon ends before.
    func letLive(milliseconds: Int) throws {
        let descriptor = pidfd_open(program.pid, 0)
        defer { close(descriptor) }
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        poll(&waiting, 1, Int32(milliseconds))
    }

    /// All it wrote to its log.
    func lastWords() throws -> String { try program.finish().errorText }

    /// How far a job had come at this moment, by its files and by who waits.
    func phase(of protagonist: Protagonist) -> String {
        guard let id = protagonist.id else { return "asked for" }
        let index = FileManager.default.contents(atPath: "\(stateDirectory)/logs/\(id).idx")
        guard let index else { return "without files" }
        let word: String
        if index.count < 128 {
            word = index.count < 64 ? "without a header" : "starting"
        } else if index[index.count - 64] == 4 {
            word = protagonist.isAwaited ? "ended, and it was not told" : "ended"
        } else {
            word = protagonist.isStopped ? "stopping" : "running"
        }
        return word + (protagonist.isFollowed ? ", followed" : "")
    }
}
