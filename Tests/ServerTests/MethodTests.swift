import Jobs
import JobsAPI
import Reactor
import SwiftProtobuf
import Testing
import Transport

@testable import Server

/// The methods over gRPC: who may call them, what they make of odd requests, and what they answer.
@Suite(.timeLimit(.minutes(10))) struct MethodTests {
    static let jobService = "/cmdctl.v1.JobService"

    let bench: MethodBench

    init() throws {
        bench = try MethodBench()
    }

    @Test func `every method of every service has an entry, and nothing else has`() throws {
        let set = try Google_Protobuf_FileDescriptorSet(serializedBytes: apiDescriptorSet)
        let declared = set.file.flatMap { file in
            file.service.flatMap { service in
                service.method.map { "\(file.package).\(service.name)/\($0.name)" }
            }
        }
        #expect(bench.methods.paths == Set(declared))
    }

    @Test func `a certificate that names nobody gets no answer from any method`() throws {
        let client = try bench.connect(ClientIdentityTests.certificate([[]]))
        for path in bench.methods.paths.sorted() + ["cmdctl.v1.JobService/Nothing"] {
            let failure = try bench.call("/\(path)", [], over: client).failure()
            #expect(failure.info.reason == "IDENTITY_REFUSED", "\(path)")
            #expect(failure.status.message.contains("has an empty common name"))
        }
    }

    @Test func `an unknown method is told as one`() throws {
        let client = try bench.connect(as: "a")
        let failure = try bench.call("\(Self.jobService)/Fly", [], over: client).failure()
        #expect(failure.status.code == 12)
        #expect(failure.info.reason == "METHOD_UNKNOWN")
        #expect(failure.info.metadata == ["method": "cmdctl.v1.JobService/Fly"])
    }

    @Test func `only an admin ends the server`() throws {
        let path = "/cmdctl.v1.AdminService/ShutdownServer"
        let request = Cmdctl_V1_ShutdownServerRequest.with { $0.stopJobs = true }
        let refused = try bench.call(path, request, over: try bench.connect(as: "a")).failure()
        #expect(refused.info.reason == "ADMIN_REQUIRED")
        #expect(bench.shutdownsAsked.isEmpty)
        let admin = try bench.connect(as: "a", admin: true)
        let _: Cmdctl_V1_ShutdownServerResponse = try bench.call(path, request, over: admin).only()
        #expect(bench.shutdownsAsked == [true])
    }

    @Test(arguments: [
        ([], "METHOD_UNKNOWN", "takes one request message, not 0"),
        ([[], []], "METHOD_UNKNOWN", "takes one request message, not 2"),
        ([[0xFF, 0xFF]], "INVALID_REQUEST", "is not the message this method takes"),
        // A string field that is not UTF-8.
        ([[0x0A, 0x01, 0xFF]], "INVALID_REQUEST", "is not the message this method takes"),
    ])
    func `what is not one request is refused`(
        messages: [[UInt8]], reason: String, sentence: String
    ) throws {
        let client = try bench.connect(as: "a")
        for method in ["GetJob", "GetOutput"] {
            let answer = try bench.call("\(Self.jobService)/\(method)", messages, over: client)
            let failure = try answer.failure()
            #expect(failure.info.reason == reason)
            #expect(failure.status.message.contains(sentence), "\(failure.status.message)")
        }
    }

    @Test func `every method that names a job says the same of one that is not there`() throws {
        let client = try bench.connect(as: "a")
        let request = Cmdctl_V1_GetJobRequest.with { $0.job = "web" }
        let methods = ["GetJob", "WaitJob", "DeleteJob", "GetOutput", "StopJob", "SignalJob"]
        let failures = try methods.map {
            // In each of these requests the job is field 1.
            try bench.call("\(Self.jobService)/\($0)", request, over: client).failure()
        }
        #expect(failures.allSatisfy { $0.info.reason == "JOB_NOT_FOUND" })
        #expect(Set(failures.map(\.status)).count == 1)
    }

    @Test func `a job must be named`() throws {
        let client = try bench.connect(as: "a")
        for method in ["GetJob", "WaitJob", "DeleteJob", "GetOutput", "StopJob", "SignalJob"] {
            let answer = try bench.call("\(Self.jobService)/\(method)", [[]], over: client)
            #expect(try answer.failure().badRequest?.fieldViolations.map(\.field) == ["job"])
        }
    }

    @Test func `a list of nothing has no next page`() throws {
        let client = try bench.connect(as: "a")
        let request = Cmdctl_V1_ListJobsRequest.with { $0.filter.states = [.UNRECOGNIZED(77)] }
        for request in [Cmdctl_V1_ListJobsRequest(), request] {
            let path = "\(Self.jobService)/ListJobs"
            let response: Cmdctl_V1_ListJobsResponse = try bench.call(
                path, request, over: client
            ).only()
            #expect(response == Cmdctl_V1_ListJobsResponse())
        }
    }

    @Test func `a list is asked for in order`() throws {
        let client = try bench.connect(as: "a")
        let wrong: [(Cmdctl_V1_ListJobsRequest, String)] = [
            (.with { $0.pageSize = -1 }, "page_size"),
            (.with { $0.pageToken = "next" }, "page_token"),
            (.with { $0.filter.createdAfter.nanos = -1 }, "filter.created_after"),
            (.with { $0.filter.createdBefore.seconds = .max }, "filter.created_before"),
        ]
        for (request, field) in wrong {
            let answer = try bench.call("\(Self.jobService)/ListJobs", request, over: client)
            #expect(try answer.failure().badRequest?.fieldViolations.map(\.field) == [field])
        }
    }

    @Test func `a job that cannot be described is refused by field`() throws {
        let client = try bench.connect(as: "a")
        let wrong: [(Cmdctl_V1_StartJobRequest, String, String)] = [
            (.init(), "INVALID_SPEC", "spec.command"),
            (.with { $0.spec.command.argv.program = "" }, "INVALID_SPEC", "spec.command"),
            (
                .with { $0.spec.command.argv = .with { $0.program = "a\0" } }, "INVALID_SPEC",
                "spec.command.argv.program"
            ),
            (
                .with {
                    $0.spec.command.shell = "true"
                    $0.requestID = "again"
                }, "INVALID_REQUEST", "request_id"
            ),
        ]
        for (request, reason, field) in wrong {
            let answer = try bench.call("\(Self.jobService)/StartJob", request, over: client)
            let failure = try answer.failure()
            #expect(failure.info.reason == reason)
            #expect(failure.badRequest?.fieldViolations.map(\.field) == [field])
        }
    }

    @Test func `a start that comes twice in one call starts nothing`() throws {
        let client = try bench.connect(as: "a")
        let request = Cmdctl_V1_StartJobRequest.with { $0.spec.command.shell = "true" }
        let bytes: [UInt8] = try request.serializedBytes()
        let answer = try bench.call("\(Self.jobService)/StartJob", [bytes, bytes], over: client)
        #expect(try answer.failure().info.reason == "METHOD_UNKNOWN")
        let admin = Viewer(tenant: Tenant(name: "a"), isAdmin: true)
        #expect(bench.jobs.list(JobFilter(), after: nil, limit: 1, for: admin).jobs.isEmpty)
    }

    @Test func `a specification that could not be sent back is refused`() throws {
        let client = try bench.connect(as: "a")
        let long = String(repeating: "x", count: 3 << 20)
        let request = Cmdctl_V1_StartJobRequest.with { $0.spec.command.shell = long }
        let answer = try bench.call("\(Self.jobService)/StartJob", request, over: client)
        #expect(try answer.failure().badRequest?.fieldViolations.map(\.field) == ["spec"])
    }

    @Test func `a request over the limit is refused before it is taken`() throws {
        let client = try bench.connect(as: "a")
        let bytes = [UInt8](repeating: 0, count: 4 << 20 + 1)
        let answer = try bench.call("\(Self.jobService)/StartJob", [bytes], over: client)
        #expect(try answer.failure().info.reason == "REQUEST_TOO_LARGE")
    }

    @Test(arguments: ["GetJob", "GetOutput"])
    func `requests that never end are bounded over a connection`(method: String) throws {
        let client = try bench.connect(as: "a")
        let large = [UInt8](repeating: 0, count: 4 << 20)
        let calls = (0..<5).map { _ in
            bench.begin("\(Self.jobService)/\(method)", [large], over: client)
        }
        try bench.turn { calls.contains { $0.1.status != nil } }
        let refused = calls.filter { $0.1.status != nil }
        #expect(refused.count == 1)
        #expect(try refused[0].1.failure().info.reason == "REQUEST_TOO_LARGE")
    }

    @Test func `a draining server starts nothing`() throws {
        let client = try bench.connect(as: "a")
        bench.jobs.refuseStarts()
        let request = Cmdctl_V1_StartJobRequest.with { $0.spec.command.shell = "true" }
        let answer = try bench.call("\(Self.jobService)/StartJob", request, over: client)
        #expect(try answer.failure().info.reason == "SERVER_DRAINING")
    }

    @Test func `the server says what it is, and whom it takes the caller for`() throws {
        let path = "\(Self.jobService)/GetServerInfo"
        let callers = [("a", false, Cmdctl_V1_Role.user), ("b", true, .admin)]
        for (name, isAdmin, role) in callers {
            let client = try bench.connect(as: name, admin: isAdmin)
            let info: Cmdctl_V1_GetServerInfoResponse = try bench.call(
                path, Cmdctl_V1_GetServerInfoRequest(), over: client
            ).only()
            #expect(
                info.caller
                    == .with {
                        $0.tenant = name
                        $0.role = role
                    })
            #expect(info.version == Release.version && info.apiVersions == ["v1"])
            #expect(info.backend == bench.reactor.backendName && info.tlsProtocol == "TLSv1.3")
            #expect(info.tlsCipherSuite == "TLS_AES_256_GCM_SHA384")
            #expect(!info.kernelRelease.isEmpty && !info.kernelRelease.contains("\n"))
            #expect(info.isolations.contains(.host) && info.hasStartTime)
        }
    }
}
