import JobsAPI
import SwiftProtobuf
import Transport

/// Answers how a service is, now and with each change, until the caller leaves.
struct HealthWatch: StreamingMethod {
    let board: HealthBoard

    func open(
        _ request: Grpc_Health_V1_HealthCheckRequest, for caller: Caller,
        resume: @escaping () -> Void
    ) throws(CallError) -> any AnswerStream {
        HealthStream(of: request.service, on: board, resume: resume)
    }
}

/// The health of one service as a stream: the latest status, if it is not the one sent last.
///
/// Changes that a slow caller misses are not worth sending late.
final class HealthStream: AnswerStream {
    private let board: HealthBoard
    /// Nil if there is none of the name that was asked for; that name may be long and is forgotten.
    private let service: String?
    private var watcher: HealthBoard.WatcherID?
    private var sent: HealthBoard.Status?

    init(of service: String, on board: HealthBoard, resume: @escaping () -> Void) {
        self.board = board
        self.service = board.status(of: service) == .unknownService ? nil : service
        watcher = board.watch(resume)
    }

    func next() -> NextMessage {
        let status = service.map(board.status) ?? .unknownService
        guard status != sent else { return .notYet }
        sent = status
        guard
            let bytes: [UInt8] = try? Grpc_Health_V1_HealthCheckResponse(status).serializedBytes()
        else { return .end(GRPCStatus(.internalFault)) }
        return .message(GRPCMessage(bytes))
    }

    func close() {
        if let watcher { board.unwatch(watcher) }
        watcher = nil
    }
}
