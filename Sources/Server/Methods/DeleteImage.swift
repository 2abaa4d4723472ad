import Jobs
import JobsAPI

/// Deletes an image that no live job uses, and answers when nothing is left of it; for admins.
struct DeleteImage: UnaryMethod {
    let jobs: JobSupervisor

    func answer(
        _ request: Cmdctl_V1_DeleteImageRequest, to call: UnaryCall<Cmdctl_V1_DeleteImageResponse>
    ) throws(CallError) {
        jobs.deleteImage(request.name) { result in
            call.finish(result) { _ in .init() }
        }
    }
}
