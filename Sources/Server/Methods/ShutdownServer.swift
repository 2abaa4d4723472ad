import JobsAPI

/// Ends the server gracefully, and answers when it has begun to; for admins.
struct ShutdownServer: UnaryMethod {
    let startShutdown: (_ stoppingJobs: Bool) -> Void

    func answer(
        _ request: Cmdctl_V1_ShutdownServerRequest,
        to call: UnaryCall<Cmdctl_V1_ShutdownServerResponse>
    ) throws(CallError) {
        startShutdown(request.stopJobs)
        call.reply(.init())
    }
}
