import Jobs
import JobsAPI
import SwiftProtobuf

/// Sends one signal to the command and answers at once; ends a job that waits, if it is SIGKILL.
struct SignalJob: UnaryMethod {
    let jobs: JobSupervisor

    func answer(
        _ request: Cmdctl_V1_SignalJobRequest, to call: UnaryCall<Cmdctl_V1_SignalJobResponse>
    ) throws(CallError) {
        let job = try jobs.find(request.job, for: call.caller)
        let signal = try SignalNumber(request.signal)
        let waiter = jobs.signal(job, signal.number) { result in
            call.finish(result) { job in .with { $0.job = .init(job) } }
        }
        call.onCancel = { [jobs] in jobs.cancel(waiter) }
    }
}

/// The number of a signal that can be sent.
struct SignalNumber: Equatable {
    /// SIGTERM.
    static let terminate = SignalNumber(unchecked: 15)

    let number: Int32

    /// Checks a number that came with a request.
    init(_ number: Int32) throws(CallError) {
        guard (1...Limits.signalMax).contains(number) else {
            throw .badRequest([
                FieldViolation(
                    field: "signal",
                    description: "Give the number of a signal, 1 to \(Limits.signalMax).")
            ])
        }
        self.number = number
    }

    private init(unchecked number: Int32) {
        self.number = number
    }
}
