import JobsAPI
import SwiftProtobuf

/// One method of the API: its path, and what goes in and comes out.
struct Method<Request: Message, Response: Message> {
    let path: String

    private init(service: String = "cmdctl.v1.JobService", _ name: String) {
        path = "/\(service)/\(name)"
    }
}

extension Method
where Request == Cmdctl_V1_StartJobRequest, Response == Cmdctl_V1_StartJobResponse {
    static var startJob: Self { Self("StartJob") }
}

extension Method where Request == Cmdctl_V1_GetJobRequest, Response == Cmdctl_V1_GetJobResponse {
    static var getJob: Self { Self("GetJob") }
}

extension Method
where Request == Cmdctl_V1_ListJobsRequest, Response == Cmdctl_V1_ListJobsResponse {
    static var listJobs: Self { Self("ListJobs") }
}

extension Method where Request == Cmdctl_V1_StopJobRequest, Response == Cmdctl_V1_StopJobResponse {
    static var stopJob: Self { Self("StopJob") }
}

extension Method
where Request == Cmdctl_V1_SignalJobRequest, Response == Cmdctl_V1_SignalJobResponse {
    static var signalJob: Self { Self("SignalJob") }
}

extension Method
where Request == Cmdctl_V1_UpdateJobRequest, Response == Cmdctl_V1_UpdateJobResponse {
    static var updateJob: Self { Self("UpdateJob") }
}

extension Method
where Request == Cmdctl_V1_PauseJobRequest, Response == Cmdctl_V1_PauseJobResponse {
    static var pauseJob: Self { Self("PauseJob") }
}

extension Method
where Request == Cmdctl_V1_ResumeJobRequest, Response == Cmdctl_V1_ResumeJobResponse {
    static var resumeJob: Self { Self("ResumeJob") }
}

extension Method
where Request == Cmdctl_V1_ListJobStatsRequest, Response == Cmdctl_V1_ListJobStatsResponse {
    static var listJobStats: Self { Self("ListJobStats") }
}

extension Method where Request == Cmdctl_V1_WaitJobRequest, Response == Cmdctl_V1_WaitJobResponse {
    static var waitJob: Self { Self("WaitJob") }
}

extension Method
where Request == Cmdctl_V1_DeleteJobRequest, Response == Cmdctl_V1_DeleteJobResponse {
    static var deleteJob: Self { Self("DeleteJob") }
}

extension Method
where Request == Cmdctl_V1_GetOutputRequest, Response == Cmdctl_V1_GetOutputResponse {
    static var getOutput: Self { Self("GetOutput") }
}

extension Method
where Request == Cmdctl_V1_GetServerInfoRequest, Response == Cmdctl_V1_GetServerInfoResponse {
    static var getServerInfo: Self { Self("GetServerInfo") }
}

extension Method
where Request == Cmdctl_V1_ShutdownServerRequest, Response == Cmdctl_V1_ShutdownServerResponse {
    static var shutdownServer: Self { Self(service: "cmdctl.v1.AdminService", "ShutdownServer") }
}

extension Method
where Request == Cmdctl_V1_ImportImageRequest, Response == Cmdctl_V1_ImportImageResponse {
    static var importImage: Self { Self(service: "cmdctl.v1.ImageService", "ImportImage") }
}

extension Method
where Request == Cmdctl_V1_ListImagesRequest, Response == Cmdctl_V1_ListImagesResponse {
    static var listImages: Self { Self(service: "cmdctl.v1.ImageService", "ListImages") }
}

extension Method
where Request == Cmdctl_V1_DeleteImageRequest, Response == Cmdctl_V1_DeleteImageResponse {
    static var deleteImage: Self { Self(service: "cmdctl.v1.ImageService", "DeleteImage") }
}
