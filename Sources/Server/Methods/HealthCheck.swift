import JobsAPI

/// Answers whether the server, or one of its services, takes calls now.
struct HealthCheck: UnaryMethod {
    let board: HealthBoard

    func answer(
        _ request: Grpc_Health_V1_HealthCheckRequest,
        to call: UnaryCall<Grpc_Health_V1_HealthCheckResponse>
    ) throws(CallError) {
        let status = board.status(of: request.service)
        guard status != .unknownService else { throw .unknownService(request.service) }
        call.reply(.init(status))
    }
}

extension Grpc_Health_V1_HealthCheckResponse {
    /// Says how a service is.
    init(_ status: HealthBoard.Status) {
        self.init()
        switch status {
        case .serving: self.status = .serving
        case .notServing: self.status = .notServing
        case .unknownService: self.status = .serviceUnknown
        }
    }
}
