import JobsAPI
import SwiftProtobuf
import Testing

@testable import Server

/// A client that knows nothing can learn everything by asking.
@Suite struct ReflectionTests {
    typealias Request = Grpc_Reflection_V1_ServerReflectionRequest

    var answers: ReflectionAnswers

    init() throws {
        answers = ReflectionAnswers(catalog: try APICatalog(descriptorSet: apiDescriptorSet))
    }

    /// The names of the files in an answer; nil if it is none of files.
    private mutating func files(_ ask: (inout Request) -> Void) throws -> [String]? {
        let response = answers.answer(.with(ask))
        guard case .fileDescriptorResponse(let files) = response.messageResponse else { return nil }
        return try files.fileDescriptorProto.map {
            try Google_Protobuf_FileDescriptorProto(serializedBytes: $0).name
        }
    }

    @Test mutating func `every service is listed`() {
        let request = Request.with {
            $0.host = "here"
            $0.listServices = "*"
        }
        let response = answers.answer(request)
        #expect(response.validHost == "here")
        #expect(response.originalRequest == request)
        #expect(
            response.listServicesResponse.service.map(\.name) == [
                "cmdctl.v1.AdminService", "cmdctl.v1.ImageService", "cmdctl.v1.JobService",
                "grpc.health.v1.Health",
                "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection",
            ])
    }

    @Test(arguments: [
        ("cmdctl.v1.JobService", "cmdctl/v1/job_service.proto"),
        ("cmdctl.v1.JobService.GetOutput", "cmdctl/v1/job_service.proto"),
        ("cmdctl.v1.Job", "cmdctl/v1/job.proto"),
        ("cmdctl.v1.Job.exit_code", "cmdctl/v1/job.proto"),
        ("cmdctl.v1.Command.form", "cmdctl/v1/job.proto"),
        ("cmdctl.v1.JobSpec.LabelsEntry", "cmdctl/v1/job.proto"),
        ("cmdctl.v1.JobState", "cmdctl/v1/job.proto"),
        ("cmdctl.v1.JOB_STATE_RUNNING", "cmdctl/v1/job.proto"),
        ("google.rpc.BadRequest.FieldViolation", "google/rpc/error_details.proto"),
        ("google.protobuf.Timestamp", "google/protobuf/timestamp.proto"),
        ("grpc.health.v1.HealthCheckResponse.ServingStatus", "grpc/health/v1/health.proto"),
        ("grpc.health.v1.HealthCheckResponse.SERVING", "grpc/health/v1/health.proto"),
    ])
    mutating func `a symbol is found in its file`(symbol: String, file: String) throws {
        #expect(try files { $0.fileContainingSymbol = symbol }?.first == file)
    }

    @Test mutating func `a file comes with all it imports, each once a stream`() throws {
        let first = try files { $0.fileByFilename = "cmdctl/v1/job_service.proto" }
        #expect(
            Set(try #require(first)) == [
                "cmdctl/v1/job_service.proto", "cmdctl/v1/job.proto",
                "google/protobuf/duration.proto", "google/protobuf/timestamp.proto",
            ])
        // What was asked for comes again all the same.
        #expect(
            try files { $0.fileByFilename = "cmdctl/v1/job.proto" } == ["cmdctl/v1/job.proto"])
        #expect(
            try files { $0.fileByFilename = "google/rpc/status.proto" } == [
                "google/rpc/status.proto", "google/protobuf/any.proto",
            ])
    }

    @Test mutating func `what is not there is answered, and the stream goes on`() throws {
        let questions: [(inout Request) -> Void] = [
            { $0.fileByFilename = "nothing.proto" },
            { $0.fileContainingSymbol = "cmdctl.v1.Nothing" },
            { $0.fileContainingSymbol = "" },
            {
                $0.fileContainingExtension.containingType = "cmdctl.v1.Job"
                $0.fileContainingExtension.extensionNumber = 100
            },
            { $0.allExtensionNumbersOfType = "cmdctl.v1.Nothing" },
        ]
        for question in questions {
            let response = answers.answer(.with(question))
            #expect(response.errorResponse.errorCode == 5)
            #expect(!response.errorResponse.errorMessage.isEmpty)
        }
        #expect(answers.answer(.init()).errorResponse.errorCode == 3)
        #expect(try files { $0.fileContainingSymbol = "cmdctl.v1.Job" } != nil)
    }

    @Test mutating func `a message that nobody extends has no extensions`() {
        let response = answers.answer(.with { $0.allExtensionNumbersOfType = "cmdctl.v1.Job" })
        #expect(response.allExtensionNumbersResponse.baseTypeName == "cmdctl.v1.Job")
        #expect(response.allExtensionNumbersResponse.extensionNumber.isEmpty)
    }

    @Test func `extensions are found by type and number`() throws {
        var file = Google_Protobuf_FileDescriptorProto()
        file.name = "extended.proto"
        file.package = "x"
        file.messageType = [.with { $0.name = "Base" }]
        for number: Int32 in [200, 100] {
            file.extension.append(
                .with {
                    $0.name = "more_\(number)"
                    $0.extendee = ".x.Base"
                    $0.number = number
                })
        }
        let set = Google_Protobuf_FileDescriptorSet.with { $0.file = [file] }
        let catalog = try APICatalog(descriptorSet: try set.serializedBytes())
        #expect(catalog.extensionNumbers(of: "x.Base") == [100, 200])
        #expect(catalog.file(extending: "x.Base", number: 100) == "extended.proto")
        #expect(catalog.file(extending: "x.Base", number: 101) == nil)
        #expect(catalog.file(declaring: "x.more_100") == "extended.proto")
    }
}
