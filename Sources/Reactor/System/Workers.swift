/// The threads beside a loop, one worker of each kind.
///
/// Most processes need one of them or none: each starts with its first work.
final class Workers {
    private let makeWorker: (WorkerKind) throws(Errno) -> Worker
    private var workers: [WorkerKind: Worker] = [:]

    /// Starts none yet.
    init(makeWorker: @escaping (WorkerKind) throws(Errno) -> Worker) {
        self.makeWorker = makeWorker
    }

    /// Runs `work` on a thread of that kind, begun after all work it got before.
    func perform(on kind: WorkerKind, _ work: @escaping Worker.Work) {
        do throws(Errno) {
            try worker(kind).enqueue(work)
        } catch {
            // Out of threads or descriptors: a loop that stands still for a moment is better than
            // one that is gone, and the news comes through the inbox all the same.
            work()
        }
    }

    private func worker(_ kind: WorkerKind) throws(Errno) -> Worker {
        if let worker = workers[kind] { return worker }
        let worker = try makeWorker(kind)
        workers[kind] = worker
        return worker
    }
}
