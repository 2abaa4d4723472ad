import JobsAPI
import SwiftProtobuf

/// A question about each of several jobs that may take as long as the jobs do.
///
/// After an outage the questions that are still open are asked again, by id: a name may have become
/// another job's in the meantime.
struct LastingBatch {
    let jobs: [String]
    let session: Session
    let connection: LastingConnection

    typealias Answer = Result<Cmdctl_V1_Job, Failure>
    /// Asks about a job as it is now; the last argument tells whether an outage came in between.
    typealias Begin = (Caller, Cmdctl_V1_Job, Bool) throws(Failure) -> PendingAnswer<Cmdctl_V1_Job>

    /// The answers in the order of the jobs; those that have not come within `timeout` are failures.
    func answers(within timeout: Duration? = nil, _ begin: Begin) throws(Failure) -> [Answer] {
        var open = jobs.map(OpenQuestion.init)
        do throws(Failure) {
            try session.console.limited(to: timeout) { () throws(Failure) in
                try connection.perform { caller throws(Failure) in
                    try find(&open, through: caller)
                    try ask(&open, through: caller, begin)
                }
            }
        } catch .timeOver {
            for index in open.indices { open[index].settle(.failure(.timeOver)) }
        }
        return open.compactMap(\.answer)
    }

    /// Looks at every job that is not done, the first time to learn its id.
    private func find(_ open: inout [OpenQuestion], through caller: Caller) throws(Failure) {
        let indices = open.indices.filter { open[$0].answer == nil }
        var pending: [PendingAnswer<Cmdctl_V1_Job>] = []
        for index in indices {
            let request = Cmdctl_V1_GetJobRequest.with { $0.job = open[index].selector }
            pending.append(try caller.begin(.getJob, request).map(\.job))
        }
        for (index, pending) in zip(indices, pending) {
            switch try caller.unlessOutage(pending) {
            case .success(let job): open[index].found(job)
            case .failure(let failure): open[index].settle(.failure(failure))
            }
        }
    }

    private func ask(
        _ open: inout [OpenQuestion], through caller: Caller, _ begin: Begin
    ) throws(Failure) {
        var pending: [(Int, PendingAnswer<Cmdctl_V1_Job>)] = []
        for index in open.indices {
            guard let job = open[index].jobToAskAbout else { continue }
            pending.append((index, try begin(caller, job, open[index].isRepeated)))
            open[index].isRepeated = true
        }
        for (index, pending) in pending {
            open[index].settle(try caller.unlessOutage(pending))
            connection.progressed()
        }
    }
}

/// One job of a batch, and how far its question has come.
private struct OpenQuestion {
    private(set) var answer: LastingBatch.Answer?
    /// Whether it was asked over an earlier connection, too.
    var isRepeated = false

    private let name: String
    private var job: Cmdctl_V1_Job?

    init(_ name: String) {
        self.name = name
    }

    /// What the server is to find the job by.
    var selector: String { job?.id ?? name }

    /// The job, if it was found and there is no answer yet.
    var jobToAskAbout: Cmdctl_V1_Job? { answer == nil ? job : nil }

    mutating func found(_ job: Cmdctl_V1_Job) {
        self.job = job
    }

    /// The first answer counts.
    mutating func settle(_ answer: LastingBatch.Answer) {
        self.answer = self.answer ?? answer
    }
}

extension Caller {
    /// Waits for an answer; what concerns the way to the server rather than the question is thrown.
    fileprivate func unlessOutage<Value>(
        _ pending: PendingAnswer<Value>
    ) throws(Failure) -> Result<Value, Failure> {
        let result = try result(of: pending)
        if case .failure(let failure) = result, failure.outage != nil { throw failure }
        return result
    }
}
