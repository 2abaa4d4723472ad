import Jobs
import JobsAPI
import Reactor
import SwiftProtobuf

/// Starts a command and answers when it runs, or with why it does not.
struct StartJob: UnaryMethod {
    let jobs: JobSupervisor
    let policy: StartPolicy

    func answer(
        _ request: Cmdctl_V1_StartJobRequest, to call: UnaryCall<Cmdctl_V1_StartJobResponse>
    ) throws(CallError) {
        // Many may come in one read, and each is some work.
        jobs.reactor.putOff {
            do throws(CallError) {
                try start(request, for: call)
            } catch {
                call.fail(error)
            }
        }
    }

    private func start(
        _ request: Cmdctl_V1_StartJobRequest, for call: UnaryCall<Cmdctl_V1_StartJobResponse>
    ) throws(CallError) {
        try checkSize(request.spec)
        let specification = try JobSpecification(
            request.spec, isolationByDefault: jobs.isolationByDefault)
        let requestID = try requestID(request.requestID)
        let terms = policy.terms(for: call.caller.identity)
        guard !request.validateOnly else {
            return jobs.preview(specification, owner: call.caller.viewer, terms: terms) { result in
                call.finish(result) { job in .with { $0.job = .init(preview: job) } }
            }
        }
        jobs.start(
            specification, owner: call.caller.viewer, terms: terms, requestID: requestID
        ) { result in
            switch result {
            case .success(let job): call.reply(serialized: ProtobufWriter.answer(job))
            case .failure(let error): call.fail(.job(error))
            }
        }
    }

    private func checkSize(_ message: Cmdctl_V1_JobSpec) throws(CallError) {
        let bytes: [UInt8] = (try? message.serializedBytes()) ?? []
        guard bytes.count <= Limits.specificationBytesMax else {
            throw .badRequest([
                FieldViolation(
                    field: "spec",
                    description: "It takes \(bytes.count) bytes; at most "
                        + "\(Limits.specificationBytesMax) are possible. Put data into files.")
            ])
        }
    }

    /// In its canonical form, since upper and lower case are the same UUID.
    private func requestID(_ text: String) throws(CallError) -> String? {
        guard !text.isEmpty else { return nil }
        // Any version of UUID: JobID reads them all.
        guard let uuid = JobID(text) else {
            throw .badRequest([
                FieldViolation(
                    field: "request_id", description: "Give a UUID, or nothing.")
            ])
        }
        return uuid.description
    }
}
