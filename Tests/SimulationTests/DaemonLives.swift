import Jobs
import Reactor
import Simulator
import Transport

@testable import Server

/// The daemon in its lives: whoever kills it, it is started again.
final class DaemonLives: Participant {
    private unowned let world: World
    private var crashes: ArraySlice<Scenario.Crash>
    private(set) var loop: SimulatedLoop?
    private(set) var daemon: Daemon?
    private(set) var nextDeadline: Instant?
    private(set) var count = 0
    /// It is not started again any more.
    var isOver = false

    init(_ world: World) {
        self.world = world
        crashes = world.scenario.crashes[...]
        nextDeadline = world.now
    }

    func turn() -> Bool {
        guard !isOver else { return false }
        if let loop, hasEnded(loop) {
            world.tally("died", at: loop.lastPlace ?? "before any step")
            world.trouble()
            self.loop = nil
            daemon = nil
            nextDeadline =
                world.now
                + world.machine.draw { .microseconds(Int.random(in: 0...50_000, using: &$0)) }
            return true
        }
        guard loop == nil, let due = nextDeadline, due <= world.now else { return false }
        begin()
        return true
    }

    private func hasEnded(_ loop: SimulatedLoop) -> Bool {
        if !loop.isOver, daemon?.hasEnded == true {
            loop.end(.exited(code: 0))
            return false
        }
        return loop.isOver
    }

    private func begin() {
        nextDeadline = nil
        count += 1
        world.machine.note("life \(count) begins")
        let loop = world.machine.startProgram("cmdctld")
        self.loop = loop
        plan(loop)
        let sink = TraceSink(loop, world.machine.kernel)
        do throws(StartupError) {
            let daemon = try Daemon(
                world.configuration, reactor: loop.reactor, sink: sink,
                surroundings: Surroundings(
                    channels: .plaintext(as: "alice"),
                    records: SimulatedRecords(
                        world.store, on: world.machine, reactor: loop.reactor),
                    reached: { [reached = loop.reached] in reached($0.rawValue) }))
            self.daemon = daemon
            daemon.start { [self] result in
                guard case .failure(let error) = result else { return }
                giveUp(loop, because: error)
            }
        } catch {
            giveUp(loop, because: error)
        }
    }

    private func giveUp(_ loop: SimulatedLoop, because error: StartupError) {
        loop.note("the daemon cannot start: \(error)")
        loop.end(.exited(code: 1))
    }

    /// Prepares this life's end.
    private func plan(_ loop: SimulatedLoop) {
        loop.limitDescriptors(to: world.isQuiet ? nil : world.scenario.descriptorsMax)
        guard !world.isQuiet else { return }
        switch crashes.popFirst() {
        case .at(let time): later(time, loop) { loop.end() }
        case .inCall(let number): loop.endInCall(number)
        case .atPlace(let place, let times): loop.end(at: place, times: times)
        case .orderly(let time):
            later(time, loop) { [self] in daemon?.startShutdown(stoppingJobs: false) }
        case nil: break
        }
    }

    /// Does something to this very life, if that goes on so long and all is not calm by then.
    private func later(_ time: Duration, _ loop: SimulatedLoop, _ action: @escaping () -> Void) {
        world.users.reactor.schedule(after: time) { [weak self] in
            guard let self, self.loop === loop, !world.isQuiet else { return }
            action()
        }
    }
}

/// Puts the daemon's log into the trace.
private final class TraceSink: LineSink {
    private let write: @Sendable (String) -> Void

    init(_ loop: SimulatedLoop, _ kernel: SimulatedKernel) {
        write = loop.note
    }

    var now: Timestamp { Timestamp(nanoseconds: 0) }

    func write(_ line: String) { write(line) }
}

extension ClientChannels {
    /// Everybody is that tenant.
    static func plaintext(as tenant: String) -> ClientChannels {
        let peer = PeerCertificate(
            commonNames: [Array(tenant.utf8)], organizations: [], serial: "01",
            issuerPublicKeySHA256: [1], notAfter: Timestamp(nanoseconds: 0), der: [])
        return ClientChannels(certificateExpires: nil) { PlaintextChannel(peer: peer) }
    }
}
