import Logging
import OrderedCollections
import Reactor
import ShimProtocol

/// A job that has not ended: carries out what its machines order, and tells those who wait.
final class LiveJob {
    let job: Job

    let host: JobHost
    private let onEnd: (LiveJob) -> Void
    private var shim: ShimProcess?
    /// Of the stop: each of its steps has a time.
    private var stopTimer: TimerID?
    let timeLimit: TimeLimit
    /// Who asked for the stop, and is told when it takes too long.
    let stopAnswers: StopAnswers
    let pause: JobPause
    /// Why the command never ran, should there be nothing that could tell.
    private var absence: StartFailure?
    /// Whether another supervisor started it, or its shim's word on that was not understood.
    private var wasFound = false
    /// What a job is to run that waits in the queue of this very supervisor.
    var specification: JobSpecification?
    /// Puts on record that a job could not be started which waited in the queue before.
    var recordFailure: ((JobEnd, _ then: @escaping () -> Void) -> Void)?
    /// Signals for a command that does not run yet.
    var heldSignals: [Int32] = []
    private var startWaiters: [(Result<Job, JobError>) -> Void] = []
    /// In the order in which they came.
    private var endWaiters: OrderedDictionary<UInt64, () -> Void> = [:]

    /// Takes charge of a new job; `onEnd` is called once, before those who wait are told.
    init(_ job: Job, host: JobHost, onEnd: @escaping (LiveJob) -> Void) {
        self.job = job
        self.host = host
        self.onEnd = onEnd
        timeLimit = TimeLimit(reactor: host.reactor)
        stopAnswers = StopAnswers(reactor: host.reactor)
        pause = JobPause(job, host: host)
        absence = .serverEnded(job.specification)
    }

    // MARK: Those who wait

    /// Tells `then` when the job has started, or could not be.
    func onStart(_ then: @escaping (Result<Job, JobError>) -> Void) {
        startWaiters.append(then)
    }

    /// Tells `then` when the job has ended, unless that is called off by its number.
    func onEnd(_ number: UInt64, _ then: @escaping () -> Void) {
        endWaiters[number] = then
    }

    /// Does not tell that one.
    func cancelOnEnd(_ number: UInt64) {
        endWaiters[number] = nil
        stopAnswers.cancel(number)
    }

    // MARK: What is asked of the job

    /// Stops the job, unless that has begun already.
    func stop(_ request: StopSequence.Request) {
        perform(job.stopSequence.request(request))
    }

    /// Sends a signal to the command.
    func signal(_ number: Int32) throws(Errno) {
        if job.life.isStarting { return hold(number) }
        try shim?.send(.signal, value: number)
        let sigkill: Int32 = 9
        // Only what runs can die of it: a namespace's first process, which is frozen, too, passes it on.
        if number == sigkill { pause.release() }
    }

    /// Keeps its log within so many bytes, or again within what it was granted if that is nil; one
    /// that drops its newest output, or ends when it is full, keeps its room.
    func boundLog(to bytes: UInt64?) {
        guard job.logLimit?.whenFull == .keepNewest, hasShim else { return }
        send(.limitLog, bytes.map { Int32(clamping: max(1, $0 >> 10)) } ?? 0)
    }

    // MARK: What the records tell

    /// The job cannot be put on record, so there will be none.
    func refused(_ error: JobError) {
        endTimer()
        job.stopSequence.ended()
        stopAnswers.end()
        tellStart(.failure(error))
        tellEnd()
    }

    /// Goes on with a stop from another life of the supervisor, with what is left of its grace.
    ///
    /// Whether the signal was sent then is not known; a shim ignores a second one.
    func carryOn(_ stop: StopIntent) {
        guard hasShim || job.life.isStarting else { return }
        let now = Duration.nanoseconds(host.kernel.wallClockNow.nanoseconds)
        let gone = now - .nanoseconds(stop.requestedAt.nanoseconds)
        // The clock may have been set since.
        let left = min(max(stop.grace - gone, .zero), stop.grace)
        stopAnswers.begin(within: left + host.limits.killPatience)
        perform(
            job.stopSequence.carryOn(
                StopSequence.Request(signal: stop.signal, grace: left, cause: stop.cause),
                isStarting: job.life.isStarting, patience: host.limits.startPatience))
    }

    private func recordStop(_ request: StopSequence.Request) {
        host.reached(.stopRequested)
        stopAnswers.begin(within: request.grace + host.limits.killPatience)
        let intent = StopIntent(
            signal: request.signal, grace: request.grace, requestedAt: host.kernel.wallClockNow,
            cause: request.cause)
        startTimer(host.limits.stopRecordPatience) { [self] in stopRecorded() }
        host.records.commit(.stopRequested(job.id, intent)) { [self] result in
            if case .failure(let error) = result {
                host.logger.warning(
                    "a stop is not on record, and goes on all the same",
                    metadata: ["job": "\(job.id)", "error": "\(error)"])
            }
            host.reached(.stopRecorded)
            stopRecorded()
        }
    }

    private func stopRecorded() {
        perform(
            job.stopSequence.recorded(
                isStarting: job.life.isStarting, patience: host.limits.startPatience))
    }

    // MARK: What the launcher or the adoption tells

    /// Whether there is a shim that can be spoken to.
    var hasShim: Bool { shim != nil }

    /// The command of a job that another supervisor started was found to run, since `time` if that
    /// is known.
    func startSeen(at time: Timestamp?) {
        wasFound = true
        job.startedAt = time ?? job.startedAt
        perform(job.life.startReported())
    }

    /// The shim is there.
    func spawned(_ shim: ShimProcess) {
        self.shim = shim
        perform(job.stopSequence.shimCame())
    }

    /// The shim has said how the start went.
    func reported(_ report: StartReport) {
        host.reached(.startReported)
        switch report {
        case .started(_, let timeNanoseconds):
            job.startedAt = Timestamp(nanoseconds: timeNanoseconds)
            perform(job.life.startReported())
        case .failed(let stage, let errorNumber, let detail):
            startFailed(
                StartFailure(
                    stage, errorNumber: errorNumber, detail: detail,
                    specification: job.specification))
        }
    }

    /// The shim has ended its report before there was one: it was killed, or is no shim.
    ///
    /// Its command may have run for a moment, so the index decides what became of it.
    func reportedNothing() {
        host.reached(.startReported)
        absence = .silence(job.specification)
        // It must not run a job that nobody can speak to.
        shim?.kill()
        perform(job.life.startUnclear())
    }

    /// The shim is of another version, which was installed while this server runs: its job is not
    /// to suffer for that.
    func reportedInVersion(_ version: UInt16) {
        host.reached(.startReported)
        host.logger.warning(
            "cmdctl-shim is of another version than this server, which should be restarted",
            metadata: ["job": "\(job.id)", "reportVersion": "\(version)"])
        perform(job.life.startUnclear())
        AdoptionWatch(self, host: host).look()
    }

    /// The command never ran.
    func startFailed(_ failure: StartFailure) {
        let end = JobEnd(
            verdict: .startFailed, startedAt: nil, endedAt: host.kernel.wallClockNow,
            startFailure: failure)
        recorded(end) { [self] in
            job.take(end)
            perform(job.life.startFailed())
        }
    }

    /// The shim is gone, and was reaped.
    func shimEnded() {
        shim = nil
        host.reached(.shimEnded)
        perform(job.life.shimEnded())
    }

    // MARK: What the machines order

    func perform(_ action: JobLife.Action) {
        switch action {
        case .nothing:
            break
        case .announceStart:
            announceStart()
        case .announceStartAndReadVerdict:
            announceStart()
            readVerdict()
        case .readVerdict:
            readVerdict()
        case .announceFailure:
            announceFailure()
        case .announceEnd:
            announceEnd()
        case .announceStartAndEnd:
            announceStart()
            announceEnd()
        }
    }

    private func perform(_ action: StopSequence.Action) {
        switch action {
        case .nothing:
            break
        case .record(let request):
            recordStop(request)
        case .holdFor(let duration):
            startGrace(duration)
        case .signal(let request):
            startGrace(request.grace)
            switch request.cause {
            case .asked: send(.stopSignal, request.signal)
            case .timeOver: send(.timeOver, nil)
            }
            // After the signal, so that it is the first thing the job does.
            pause.release()
            host.reached(.stopSignalSent)
        case .kill:
            startGrace(stopAnswers.timeLeft ?? host.limits.killPatience)
            send(.kill, nil)
            pause.release()
            host.reached(.killSent)
        case .abandonStart:
            shim?.kill()
        }
    }

    private func send(_ command: ShimCommand, _ value: Int32?) {
        do {
            try shim?.send(command, value: value)
        } catch {
            host.logger.error(
                "a shim cannot be told what to do",
                metadata: [
                    "job": "\(job.id)", "command": "\(command)", "error": "\(error.name)",
                ])
        }
    }

    private func startGrace(_ duration: Duration) {
        startTimer(duration) { [self] in
            perform(job.stopSequence.graceOver())
            if job.stopSequence.isUnkillable {
                host.logger.warning("a job outlives its kill", metadata: ["job": "\(job.id)"])
            }
        }
    }

    private func startTimer(_ duration: Duration, _ action: @escaping () -> Void) {
        endTimer()
        stopTimer = host.reactor.schedule(after: duration) { [self] in
            stopTimer = nil
            action()
        }
    }

    private func endTimer() {
        if let stopTimer { host.reactor.cancel(stopTimer) }
        stopTimer = nil
    }

    // MARK: Announcements

    private func announceStart() {
        host.logger.info(wasFound ? "found running" : "started", metadata: ["job": "\(job.id)"])
        host.openLogs.started(job.id)
        for number in heldSignals { send(.signal, number) }
        heldSignals = []
        perform(job.stopSequence.started())
        countTime()
        tellStart(.success(job))
        host.reached(.startAnnounced)
    }

    private func announceFailure() {
        end()
        if let failure = job.startFailure { tellStart(.failure(.startFailed(job.id, failure))) }
        tellEnd()
        host.reached(.endAnnounced)
    }

    private func announceEnd() {
        end()
        tellEnd()
        host.reached(.endAnnounced)
    }

    /// From here on the job counts as ended for everybody who asks.
    private func end() {
        endTimer()
        timeLimit.end()
        job.stopSequence.ended()
        stopAnswers.end()
        pause.end()
        host.logger.info(
            "ended",
            metadata: [
                "job": "\(job.id)", "outcome": "\(job.outcome.map { "\($0)" } ?? "none")",
            ])
        onEnd(self)
        host.openLogs.seal(job.id)
    }

    func tellStart(_ result: Result<Job, JobError>) {
        let waiters = startWaiters
        startWaiters = []
        for waiter in waiters { waiter(result) }
    }

    private func tellEnd() {
        let waiters = endWaiters
        endWaiters = [:]
        for waiter in waiters.values { waiter() }
    }

    // MARK: The verdict

    private func readVerdict() {
        let (directory, id) = (host.directory, job.id)
        host.reactor.perform(on: .files) {
            Result { () throws(Errno) in try directory.remains(of: id) }
        } then: { [self] result in
            switch result {
            case .success(let remains):
                take(remains)
            case .failure:
                // Nothing can change the record any more: better told late than for lost.
                host.reactor.schedule(after: host.limits.verdictRetryInterval) { [self] in
                    readVerdict()
                }
            }
        }
    }

    private func take(_ remains: Remains) {
        if let version = remains.finding?.unknownVersion { return leaveAlone(version) }
        if remains.finding == .unreadable {
            host.logger.error("the verdict on a job cannot be read", metadata: ["job": "\(job.id)"])
        }
        conclude(
            JobEnd(remains, of: job, absence: absence, now: host.kernel.wallClockNow))
    }

    /// How the job ended is known to another version of the server, so this one does not say that
    /// nobody can know.
    private func leaveAlone(_ version: UInt16) {
        endTimer()
        timeLimit.end()
        job.unknownIndexVersion = version
        host.logger.error(
            "a job was supervised by another version, which must be started to learn its end",
            metadata: ["job": "\(job.id)", "indexVersion": "\(version)"])
        tellStart(.success(job))
    }

    private func conclude(_ end: JobEnd) {
        host.reached(.verdictRead)
        recorded(end) { [self] in
            job.take(end)
            perform(job.life.verdictRead(end.verdict))
        }
    }
}
