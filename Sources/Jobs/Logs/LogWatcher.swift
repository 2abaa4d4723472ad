import Logging
import Reactor

/// Notices that logs change: one inotify descriptor for all of them.
///
/// A quiet log is watched, so that its next byte wakes the followers at once. From then on it is
/// hot: its size is compared at every tick, which at a hundred thousand lines a second costs a
/// fraction of being told of each. A tick without a change lets it cool down to being watched.
///
/// Thousands of followers take longer to be told than a tick. Then the next tick is later, and until
/// then nobody is told of logs that were quiet, either: they are told together, which costs less.
///
/// A host lets a user have only so many inotify descriptors (fs.inotify.max_user_instances) and
/// watches. Where one cannot be had, logs stay hot: that costs more, and nothing is missed.
final class LogWatcher {
    private let reactor: Reactor
    private var inotify: Inotify?
    private let logger: Logger
    private let events = Buffer(capacity: 16 * 1024)

    /// All logs that are watched or hot.
    private var watched: [ObjectIdentifier: WatchedLog] = [:]
    private var all = Roster<WatchedLog>()
    private var byWatch: [WatchDescriptor: WatchedLog] = [:]
    /// Those without a watch, to be looked at with the next tick.
    private var hot = Roster<WatchedLog>()
    private var timer: TimerID?
    private var reading: Token?
    private var pace: HotLogPace

    init(
        reactor: Reactor, tick: Duration, longRound: Duration = JobLimits().hotLogLongRound,
        logger: Logger
    ) {
        self.reactor = reactor
        pace = HotLogPace(tick: tick, longRound: longRound)
        self.logger = logger
    }

    /// How many logs are watched or hot.
    var count: Int { watched.count }

    // MARK: Which logs

    /// Wakes the followers of a log at every change from now on.
    func watch(_ file: LogFile) {
        guard watched[ObjectIdentifier(file)] == nil else { return }
        let log = WatchedLog(file: file)
        beginRound()
        watched[log.id] = log
        all.insert(log)
        hot.insert(log)
        arm(log)
        log.noteSize()
        // While a round is dear, whoever comes and goes must not put off the next one.
        if pace.isCheap { readEvents() }
        scheduleTick()
    }

    /// Forgets a log.
    func unwatch(_ file: LogFile) {
        guard let log = watched.removeValue(forKey: ObjectIdentifier(file)) else { return }
        all.remove(log)
        hot.remove(log)
        disarm(log)
        guard watched.isEmpty else { return }
        if let reading { reactor.cancel(reading) }
        if let timer { reactor.cancel(timer) }
        timer = nil
    }

    /// Lets a hot log cool down to being watched.
    ///
    /// Where the kernel will not watch it, the log stays hot: it is then looked at every tick.
    private func arm(_ log: WatchedLog) {
        do throws(Errno) {
            let watch = try reactor.kernel.addWatch(
                inotify: try findOrMakeInotify().descriptor.raw, path: log.file.openPath,
                mask: [.modified, .oneShot])
            log.watch = watch
            byWatch[watch] = log
            hot.remove(log)
        } catch {
            guard !log.isUnwatchable else { return }
            log.isUnwatchable = true
            logger.warning(
                "a log cannot be watched and is polled instead",
                metadata: ["job": "\(log.file.jobID)", "error": "\(error.name)"])
        }
    }

    private func findOrMakeInotify() throws(Errno) -> Inotify {
        if let inotify { return inotify }
        let made = try Inotify(of: reactor.kernel)
        inotify = made
        return made
    }

    private func disarm(_ log: WatchedLog) {
        guard let inotify, let watch = log.watch else { return }
        log.watch = nil
        byWatch[watch] = nil
        // A watch that was spent, or whose file is gone, is not there to be removed.
        try? reactor.kernel.removeWatch(inotify: inotify.descriptor.raw, watch)
    }

    // MARK: Events

    /// Reads events while there are logs to hear of.
    ///
    /// It is asked for while telling of them is cheap, and by every tick.
    private func readEvents() {
        guard let inotify, reading == nil, !watched.isEmpty else { return }
        let read = Operation.readPipe(inotify.descriptor.raw, into: events)
        // The closure keeps the descriptor open for as long as it is being read.
        reading = reactor.submit(read) { [weak self, inotify] outcome in
            withExtendedLifetime(inotify) { self?.eventsRead(outcome) }
        }
    }

    private func eventsRead(_ outcome: Outcome) {
        let start = reactor.kernel.processorTime
        reading = nil
        beginRound()
        switch outcome {
        case .success:
            for event in InotifyEvents(events) { take(event) }
        case .failure(.canceled):
            break
        case .failure(let error):
            // Reading it again at once would spin; the next tick does.
            logger.error("inotify failed", metadata: ["error": "\(error.name)"])
            heatAll()
            return scheduleTick()
        }
        spend(since: start)
    }

    private func take(_ event: InotifyEvent) {
        if event.mask.contains(.overflow) { return heatAll() }
        // An event of a watch that was given up since then has nobody to wake.
        guard let log = byWatch[event.watch], event.mask.contains(.modified) else { return }
        // The watch was good for one event.
        byWatch[event.watch] = nil
        log.watch = nil
        heat(log)
    }

    /// Events were lost: any log may have changed.
    private func heatAll() {
        for log in all.members {
            disarm(log)
            heat(log)
        }
    }

    private func heat(_ log: WatchedLog) {
        hot.insert(log)
        log.noteSize()
        log.file.wakeFollowers()
    }

    // MARK: Ticks

    /// Whether there is anything to do at a tick: to look at hot logs, or to hear of quiet ones again.
    private var needsTick: Bool {
        !hot.isEmpty || reading == nil && !watched.isEmpty
    }

    private func scheduleTick() {
        guard timer == nil, needsTick else { return }
        // From this moment, not from the beginning of the turn, which may have been long.
        let due = reactor.kernel.monotonicNow + pace.pause
        timer = reactor.schedule(after: due - reactor.now) { [weak self] in
            self?.tickIsOver()
        }
    }

    /// Forgets what the last round has cost, unless it goes on: a tick waits to end it.
    private func beginRound() {
        if timer == nil { pace.begin() }
    }

    private func tickIsOver() {
        let start = reactor.kernel.processorTime
        timer = nil
        beginRound()
        for log in hot.members { lookAgain(at: log) }
        readEvents()
        spend(since: start)
    }

    /// Counts the processor time that the followers take who were woken in this turn.
    ///
    /// What they were woken for is sent at the end of it, or, with io_uring, by the wait of the next
    /// one: after both this is done. Where the host has others to serve, too, a round takes longer, but
    /// no more of the loop.
    private func spend(since start: Duration) {
        reactor.atEndOfTurn { [weak self] in
            self?.reactor.atEndOfTurn { [weak self] in self?.spent(since: start) }
        }
    }

    private func spent(since start: Duration) {
        pace.spend(reactor.kernel.processorTime - start)
        if pace.isCheap {
            readEvents()
        } else if let timer {
            // It was set before this was known.
            reactor.cancel(timer)
            self.timer = nil
        }
        scheduleTick()
    }

    private func lookAgain(at log: WatchedLog) {
        // A follower that was woken just now may have let go of it.
        guard hot.contains(log) else { return }
        if log.noteSize() { return log.file.wakeFollowers() }
        arm(log)
        // A write between the last look and the new watch has woken nobody. inotify(7).
        if log.noteSize() { log.file.wakeFollowers() }
    }
}

/// An inotify descriptor; see inotify(7).
private final class Inotify {
    let descriptor: OwnedDescriptor

    init(of kernel: any Kernel) throws(Errno) {
        descriptor = try kernel.makeInotify()
    }
}

/// One log that is watched, or hot.
private final class WatchedLog {
    let file: LogFile
    /// What wakes it; nil while it is hot.
    var watch: WatchDescriptor?
    var isUnwatchable = false
    private var lastSize: UInt64?

    init(file: LogFile) {
        self.file = file
    }

    var id: ObjectIdentifier { ObjectIdentifier(file) }

    /// Whether the size has changed since it was last noted.
    @discardableResult
    func noteSize() -> Bool {
        let size = try? file.logSize()
        defer { lastSize = size }
        return size != lastSize
    }
}
