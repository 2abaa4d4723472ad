import Jobs
import JobsAPI
import Reactor
import SwiftProtobuf
import Transport

/// Streams what a job wrote, each byte once and in order, until the job has ended.
struct GetOutput: StreamingMethod {
    let jobs: JobSupervisor

    func open(
        _ request: Cmdctl_V1_GetOutputRequest, for caller: Caller, resume: @escaping () -> Void
    ) throws(CallError) -> any AnswerStream {
        let job = try jobs.find(request.job, for: caller)
        let start = try FollowStart(request.start)
        do throws(JobError) {
            let follower = try jobs.follow(job, from: start, untilEnd: !request.noFollow)
            return OutputStream(follower, resume: resume)
        } catch {
            throw .job(error)
        }
    }
}

extension FollowStart {
    fileprivate init(_ start: Cmdctl_V1_GetOutputRequest.OneOf_Start?) throws(CallError) {
        switch start {
        case .offset(let offset): self = .offset(offset)
        case .position(.beginning), .position(.unspecified), nil: self = .beginning
        case .position(.now): self = .now
        case .position(.UNRECOGNIZED(let number)):
            throw .badRequest([
                FieldViolation(
                    field: "position",
                    description: "This server knows no position with the number \(number).")
            ])
        }
    }
}

/// A follower's events as messages: the RPC pulls, the follower asks the file.
final class OutputStream: AnswerStream {
    private let follower: LogFollower
    private var hasEnded = false

    init(_ follower: LogFollower, resume: @escaping () -> Void) {
        self.follower = follower
        follower.onNews = resume
    }

    func next() -> NextMessage {
        if hasEnded { return .end(.ok) }
        switch follower.next() {
        case .chunk(let chunk):
            return message(chunk)
        case .gap(let gap):
            return message(OutputMessages.gap(gap))
        case .notYet:
            return .notYet
        case .end(let job):
            hasEnded = true
            return message(OutputMessages.end(of: job))
        case .failed(let error):
            return .end(GRPCStatus(.job(error)))
        }
    }

    func close() {
        follower.onNews = nil
        follower.close()
    }

    /// The bytes are not copied: the transport lets go of them when they are sent.
    private func message(_ chunk: LogChunk) -> NextMessage {
        let head = chunk.head {
            OutputMessages.head(offset: $0.offset, dataLength: $0.bytes.count, runs: $0.runs)
        }
        return .message(GRPCMessage(head: head, payload: chunk.bytes))
    }

    private func message(_ response: Cmdctl_V1_GetOutputResponse) -> NextMessage {
        guard let bytes: [UInt8] = try? response.serializedBytes() else {
            return .end(GRPCStatus(.internalFault))
        }
        return .message(GRPCMessage(bytes))
    }
}
