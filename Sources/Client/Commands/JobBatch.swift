import JobsAPI

/// One request for each of several jobs, all at once over one connection, each answered soon.
struct JobBatch {
    let jobs: [String]
    let session: Session
    /// Whether success says nothing.
    var isSilent = false

    typealias Begin = (Caller, Int) throws(Failure) -> PendingAnswer<Cmdctl_V1_Job>

    /// Does what `begin` begins for each job; the status is that of the first failure.
    func run(_ begin: Begin) throws(Failure) -> ExitStatus {
        let results = try results(begin)
        try session.show(results, isSilent: isSilent)
        return ExitStatus(ofFirstFailureIn: results)
    }

    /// The answers, in the order of the jobs.
    private func results(_ begin: Begin) throws(Failure) -> [Result<Cmdctl_V1_Job, Failure>] {
        let caller = try session.connect()
        var pending: [PendingAnswer<Cmdctl_V1_Job>] = []
        for index in jobs.indices {
            pending.append(try begin(caller, index))
        }
        var results: [Result<Cmdctl_V1_Job, Failure>] = []
        for answer in pending {
            results.append(try caller.result(of: answer))
        }
        return results
    }
}

extension Session {
    /// Prints what became of jobs, and says what went wrong with any.
    func show(
        _ results: [Result<Cmdctl_V1_Job, Failure>], isSilent: Bool = false
    ) throws(Failure) {
        let done = results.compactMap { try? $0.get() }
        if !done.isEmpty, !isSilent { try print(try renderer.outcome(done)) }
        for case .failure(let failure) in results { report(failure) }
    }
}

extension ExitStatus {
    /// Success only if everything went well.
    init(ofFirstFailureIn results: [Result<Cmdctl_V1_Job, Failure>]) {
        let failures = results.compactMap { result in
            if case .failure(let failure) = result { failure } else { nil as Failure? }
        }
        self = failures.first?.exitStatus ?? .success
    }
}
