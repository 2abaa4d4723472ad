import JobsAPI
import SwiftProtobuf

/// Answers how every service is.
struct HealthList: UnaryMethod {
    let board: HealthBoard

    func answer(
        _ request: Grpc_Health_V1_HealthListRequest,
        to call: UnaryCall<Grpc_Health_V1_HealthListResponse>
    ) throws(CallError) {
        call.reply(.with { $0.statuses = board.all.mapValues { .init($0) } })
    }
}
