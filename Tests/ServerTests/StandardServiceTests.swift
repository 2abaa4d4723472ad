import JobsAPI
import SwiftProtobuf
import Testing
import Transport

@testable import Server

/// Health and reflection, as the tools of others use them.
@Suite(.timeLimit(.minutes(10))) struct StandardServiceTests {
    static let health = "/grpc.health.v1.Health"

    let bench: MethodBench
    let client: GRPCClientConnection

    init() throws {
        bench = try MethodBench()
        client = try bench.connect(as: "a")
    }

    private func check(_ service: String) throws -> Grpc_Health_V1_HealthCheckResponse {
        let request = Grpc_Health_V1_HealthCheckRequest.with { $0.service = service }
        return try bench.call("\(Self.health)/Check", request, over: client).only()
    }

    @Test func `health is checked, as a whole and by service`() throws {
        #expect(try check("").status == .serving)
        #expect(try check("cmdctl.v1.JobService").status == .serving)
        let request = Grpc_Health_V1_HealthCheckRequest.with { $0.service = "nothing" }
        let unknown = try bench.call("\(Self.health)/Check", request, over: client).failure()
        #expect(unknown.status.code == 5 && unknown.info.reason == "SERVICE_UNKNOWN")
        bench.health.startDraining()
        #expect(try check("").status == .notServing)
        let list: Grpc_Health_V1_HealthListResponse = try bench.call(
            "\(Self.health)/List", Grpc_Health_V1_HealthListRequest(), over: client
        ).only()
        #expect(list.statuses.mapValues(\.status).values.allSatisfy { $0 == .notServing })
        #expect(Set(list.statuses.keys) == ["", "cmdctl.v1.JobService"])
    }

    @Test func `a watcher hears of the change, and its leaving is noticed`() throws {
        let request = Grpc_Health_V1_HealthCheckRequest()
        let (call, answer) = bench.begin(
            "\(Self.health)/Watch", [try request.serializedBytes()], over: client)
        call.halfClose()
        try bench.turn { answer.messages.count == 1 }
        #expect(bench.health.watcherCount == 1)
        bench.health.startDraining()
        try bench.turn { answer.messages.count == 2 }
        let statuses: [Grpc_Health_V1_HealthCheckResponse] = try answer.all()
        #expect(statuses.map(\.status) == [.serving, .notServing])
        call.cancel()
        try bench.turn { bench.health.watcherCount == 0 }
    }

    @Test func `an unknown service is watched as such`() throws {
        let request = Grpc_Health_V1_HealthCheckRequest.with { $0.service = "nothing" }
        let (_, answer) = bench.begin(
            "\(Self.health)/Watch", [try request.serializedBytes()], over: client)
        answer.call?.halfClose()
        try bench.turn { answer.messages.count == 1 }
        let statuses: [Grpc_Health_V1_HealthCheckResponse] = try answer.all()
        #expect(statuses.map(\.status) == [.serviceUnknown])
    }

    @Test(arguments: ["v1", "v1alpha"])
    func `reflection answers question by question, until there are no more`(
        version: String
    ) throws {
        let path = "/grpc.reflection.\(version).ServerReflection/ServerReflectionInfo"
        let question = Grpc_Reflection_V1_ServerReflectionRequest.with {
            $0.fileContainingSymbol = "cmdctl.v1.JobService"
        }
        let (call, answer) = bench.begin(path, [], over: client)
        for count in 1...3 {
            call.send(try question.serializedBytes())
            try bench.turn { answer.messages.count == count }
        }
        #expect(answer.status == nil)
        call.halfClose()
        try bench.turn { answer.status != nil }
        #expect(answer.status == .ok)
        let answers: [Grpc_Reflection_V1_ServerReflectionResponse] = try answer.all()
        // The file and what it imports, and then only the file.
        #expect(answers.map(\.fileDescriptorResponse.fileDescriptorProto.count) == [4, 1, 1])
    }

    @Test func `reflection refuses what is no question`() throws {
        let path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
        let answer = try bench.call(path, [[0xFF]], over: client)
        #expect(try answer.failure().info.reason == "INVALID_REQUEST")
    }

    @Test func `who asks a thousand things at once is answered, and who asks more is not`() throws {
        let path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
        let question: [UInt8] = try Grpc_Reflection_V1_ServerReflectionRequest.with {
            $0.listServices = ""
        }.serializedBytes()
        let some = Array(repeating: question, count: 900)
        let answered = try bench.call(path, some, over: client)
        #expect(answered.status == .ok && answered.messages.count == 900)
        let many = Array(repeating: question, count: 10_000)
        let refused = try bench.call(path, many, over: client)
        #expect(try refused.failure().info.reason == "TOO_MANY_REQUESTS")
    }
}
