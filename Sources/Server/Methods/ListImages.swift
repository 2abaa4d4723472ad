import Jobs
import JobsAPI
import SwiftProtobuf

/// Lists the images by name.
struct ListImages: UnaryMethod {
    let jobs: JobSupervisor

    func answer(
        _ request: Cmdctl_V1_ListImagesRequest, to call: UnaryCall<Cmdctl_V1_ListImagesResponse>
    ) throws(CallError) {
        let users = jobs.jobCountsByImage
        call.reply(
            .with { response in
                response.images = jobs.images.all.map { image in
                    var message = Cmdctl_V1_Image(image)
                    message.jobCount = UInt32(clamping: users[image.name] ?? 0)
                    return message
                }
            })
    }
}
