/// Which services take calls, and who wants to know when that changes.
final class HealthBoard {
    /// How a service is; the words of grpc.health.v1.
    enum Status: Equatable {
        case serving
        case notServing
        case unknownService
    }

    /// Names a watcher for ``unwatch(_:)``.
    typealias WatcherID = Int

    /// The empty name is the server as a whole.
    private let services: Set<String>
    private var isServing = true
    private var watchers: [WatcherID: () -> Void] = [:]
    private var nextWatcher: WatcherID = 0

    init(services: some Sequence<String>) {
        self.services = Set(services).union([""])
    }

    /// How many watch.
    var watcherCount: Int { watchers.count }

    /// How one service is.
    func status(of service: String) -> Status {
        guard services.contains(service) else { return .unknownService }
        return isServing ? .serving : .notServing
    }

    /// How every service is, by name.
    var all: [String: Status] {
        Dictionary(uniqueKeysWithValues: services.map { ($0, status(of: $0)) })
    }

    /// Says that the server takes no new work, to all who watch.
    func startDraining() {
        guard isServing else { return }
        isServing = false
        for (_, notify) in watchers.sorted(by: { $0.key < $1.key }) { notify() }
    }

    /// Calls `notify` at each change, until ``unwatch(_:)``.
    func watch(_ notify: @escaping () -> Void) -> WatcherID {
        nextWatcher += 1
        watchers[nextWatcher] = notify
        return nextWatcher
    }

    func unwatch(_ watcher: WatcherID) {
        watchers[watcher] = nil
    }
}
