import Logging
import Netlink
import Reactor

/// The private networks of all jobs: who has which address, and the rules that hold for all.
///
/// The rules come into force with the first job that needs them, so a host whose jobs have no such
/// network is left as it is. They outlive the supervisor as its jobs do, and go when it ends without
/// leaving such a job.
///
/// Whoever flushes all rules of the host takes these with them, as reloading nftables does, and
/// nothing would hold jobs apart any more. So each start puts them in force again, and so does a
/// timer while there are such jobs.
final class PrivateNetworks {
    /// Makes the plans.
    let planner: NetworkPlanner

    private let ground: NetworkGround
    private let reactor: Reactor
    private let logger: Logger
    private var phase = Phase.bare
    private var pool: AddressPool
    private var isClosing = false
    private var removals = 0
    private var waiters: [() -> Void] = []
    private let renewalInterval: Duration
    private var renewal: TimerID?
    private var isRenewing = false
    /// What keeps the rules from being put in force again, once it was told.
    private var toldObstacle: NetworkObstacle?

    private enum Phase {
        /// Nothing was done yet, or it failed.
        case bare
        /// An earlier supervisor's rules are in force, or may be.
        case inherited
        /// The rules are being put in force; `fromBare` if there were none.
        case preparing(fromBare: Bool, waiters: [(Result<Void, JobError>) -> Void])
        case ready
    }

    init(
        _ settings: NetworkSettings, facts: HostFacts, stateDirectory: String, limits: JobLimits,
        reactor: Reactor, logger: Logger
    ) {
        planner = NetworkPlanner(settings: settings, kernel: reactor.kernel)
        ground = NetworkGround(
            mayAdministrateNetwork: facts.mayAdministrateNetwork,
            table: .privateNetworks(settings, stateDirectory: stateDirectory),
            kernel: reactor.kernel)
        pool = AddressPool(settings)
        renewalInterval = limits.networkRulesInterval
        self.reactor = reactor
        self.logger = logger
    }

    // MARK: Starts

    /// Tells `then` whether a job could have the network that it asks for, as far as that can be told
    /// without changing the host; at once if there is nothing to be looked at.
    func check(
        for specification: JobSpecification, then: @escaping (Result<Void, JobError>) -> Void
    ) {
        guard specification.network == .private else { return then(.success(())) }
        if case .ready = phase { return then(.success(())) }
        let ground = ground
        reactor.perform(on: .files) {
            ground.check()
        } then: {
            then($0.mapError(JobError.init))
        }
    }

    /// Tells `then` when a job can have the network that it asks for, or why it cannot; at once if
    /// it asks for none.
    ///
    /// Those who ask meanwhile wait for the same answer.
    func prepare(
        for specification: JobSpecification, then: @escaping (Result<Void, JobError>) -> Void
    ) {
        guard specification.network == .private else { return then(.success(())) }
        let fromBare: Bool
        switch phase {
        case .preparing(let fromBare, let waiters):
            phase = .preparing(fromBare: fromBare, waiters: waiters + [then])
            return
        case .bare: fromBare = true
        case .inherited, .ready: fromBare = false
        }
        phase = .preparing(fromBare: fromBare, waiters: [then])
        let ground = ground
        reactor.perform(on: .files) {
            ground.prepare()
        } then: { [self] result in
            prepared(result)
        }
    }

    private func prepared(_ result: Result<Void, NetworkObstacle>) {
        guard case .preparing(let fromBare, let waiters) = phase else {
            preconditionFailure("nobody asked")
        }
        switch result {
        case .success: phase = .ready
        // The operator may mend it, so the next job asks again.
        case .failure: phase = fromBare ? .bare : .inherited
        }
        removeTableIfIdle()
        let answer = result.mapError(JobError.init)
        for waiter in waiters { waiter(answer) }
    }

    /// Takes an address for a job that is to be started; nil if it needs none.
    func takeAddress(
        for specification: JobSpecification
    ) throws(JobError) -> IPv4Address? {
        guard specification.network == .private else { return nil }
        guard let address = pool.take() else { throw .outOfAddresses }
        renewLater()
        return address
    }

    // MARK: While jobs live

    private func renewLater() {
        guard renewal == nil, !isRenewing, !pool.isEmpty else { return }
        renewal = reactor.schedule(after: renewalInterval) { [weak self] in self?.renew() }
    }

    private func renew() {
        renewal = nil
        isRenewing = true
        let ground = ground
        reactor.perform(on: .files) {
            ground.install()
        } then: { [self] result in
            isRenewing = false
            tell(result)
            renewLater()
        }
    }

    private func tell(_ result: Result<Void, NetworkObstacle>) {
        var obstacle: NetworkObstacle?
        if case .failure(let failure) = result { obstacle = failure }
        if let obstacle, obstacle != toldObstacle {
            logger.error(
                "the rules of private networks may be missing, and cannot be put in force",
                metadata: ["problem": "\(obstacle.sentence)"])
        }
        toldObstacle = obstacle
    }

    // MARK: Ends

    /// Counts the address of a job from an earlier life.
    func adoptAddress(of record: JobRecord) {
        guard let address = record.networkAddress, record.end == nil, !record.isBeingDeleted else {
            return
        }
        pool.adopt(address)
        phase = .inherited
        renewLater()
    }

    /// Gives back the address of a job of which nothing runs any more.
    func giveBackAddress(of job: Job) {
        guard let address = job.networkAddress else { return }
        giveBack(address)
    }

    /// Gives back an address that was taken.
    func giveBack(_ address: IPv4Address) {
        pool.giveBack(address)
        removeTableIfIdle()
    }

    /// No job is started any more.
    func close() {
        isClosing = true
        removeTableIfIdle()
    }

    private func removeTableIfIdle() {
        guard pool.isEmpty else { return }
        stopRenewing()
        switch phase {
        case .bare, .preparing: return
        case .inherited: break
        case .ready: guard isClosing else { return }
        }
        phase = .bare
        removeTable()
    }

    /// One that is just under way is done before the rules are removed: there is one worker.
    private func stopRenewing() {
        guard let timer = renewal else { return }
        reactor.cancel(timer)
        renewal = nil
    }

    /// Removes what a crash left: a network ends with its job, so there is next to nothing.
    ///
    /// - Parameter ended: Jobs that have ended, all that are on record.
    func sweep(after ended: some Sequence<Job>) {
        let names = Set(ended.lazy.filter { $0.networkAddress != nil }.map(\.id.interfaceName))
        guard !names.isEmpty else { return }
        if case .bare = phase { phase = .inherited }
        let ground = ground
        reactor.perform(on: .files) {
            ground.removeInterfaces(names)
        } then: { [self] in
            removeTableIfIdle()
        }
    }

    private func removeTable() {
        let ground = ground
        removals += 1
        reactor.perform(on: .files) {
            ground.removeTable()
        } then: { [self] result in
            if case .failure(let error) = result {
                logger.warning(
                    "the rules of private networks cannot be removed",
                    metadata: ["error": "\(error)"])
            }
            removals -= 1
            guard removals == 0 else { return }
            let waiters = waiters
            self.waiters = []
            for waiter in waiters { waiter() }
        }
    }

    /// Tells `then` when no rules are just being removed; that may be before this returns.
    func whenTidy(_ then: @escaping () -> Void) {
        guard removals > 0 else { return then() }
        waiters.append(then)
    }
}

extension JobError {
    fileprivate init(_ obstacle: NetworkObstacle) {
        self = .networkUnavailable(missing: obstacle.sentence)
    }
}
