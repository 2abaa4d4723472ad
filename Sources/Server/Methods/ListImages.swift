import Jobs
import JobsAPI
import SwiftProtobuf

/// Lists the images by name: admins see all, others those that they may run jobs on.
struct ListImages: UnaryMethod {
    let jobs: JobSupervisor
    let policy: StartPolicy

    func answer(
        _ request: Cmdctl_V1_ListImagesRequest, to call: UnaryCall<Cmdctl_V1_ListImagesResponse>
    ) throws(CallError) {
        let users = jobs.jobCountsByImage(for: call.caller.viewer)
        let caller = call.caller.identity
        let permissions = policy.terms(for: caller).permissions
        let visible = jobs.images.all.filter {
            caller.role == .admin || permissions.allows(image: $0.name)
        }
        call.reply(
            .with { response in
                response.images = visible.map { image in
                    var message = Cmdctl_V1_Image(image)
                    message.jobCount = UInt32(clamping: users[image.name] ?? 0)
                    return message
                }
            })
    }
}
