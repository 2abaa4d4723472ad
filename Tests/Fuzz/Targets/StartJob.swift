import Foundation
import Jobs
import JobsAPI
import Reactor
import ShimProtocol
import SwiftProtobuf
import Transport

@testable import Server

/// A request to start a job, as far as it gets: what is wrong with it is said, and what is right
/// reaches the job's shim unchanged.
func fuzzStartJob(_ input: [UInt8]) throws {
    guard let request = try? Cmdctl_V1_StartJobRequest(serializedBytes: input) else { return }
    let specification: JobSpecification
    do throws(CallError) {
        specification = try JobSpecification(request.spec)
    } catch {
        precondition(!GRPCStatus(error).message.isEmpty, "refused without a reason")
        return
    }
    let problems = specification.validate()
    if !problems.isEmpty {
        let status = GRPCStatus(CallError.job(.invalidSpecification(problems)))
        precondition(status.details != nil, "refused without naming a field")
    }
    // What goes back to the client, and comes from it again, asks for the same; but what the command
    // was given to read is not told back.
    let echo: [UInt8] = try Cmdctl_V1_JobSpec(specification).serializedBytes()
    var again = try JobSpecification(Cmdctl_V1_JobSpec(serializedBytes: echo))
    again.standardInput = specification.standardInput
    precondition(again == specification, "a specification that changes")
    if problems.isEmpty { checkPlan(of: specification) }
}

/// A shim can read what a daemon would write for it.
private func checkPlan(of specification: JobSpecification) {
    let plan = ShimPlan(
        jobID: [UInt8](1...16), program: specification.command.program,
        arguments: specification.command.arguments,
        environment: specification.environment.sorted { $0.key < $1.key }
            .map { ShimPlan.Variable(name: $0.key, value: $0.value) },
        workingDirectory: specification.workingDirectory,
        mergeOutput: specification.mergeOutput, makePIDNamespace: false, cgroupDirectory: nil)
    precondition((try? ShimPlan(decoding: plan.encoded())) == plan, "a plan no shim can read")
}

var startJobSeeds: [[UInt8]] {
    let requests: [Cmdctl_V1_StartJobRequest] = [
        .init(),
        .with { $0.spec.command.shell = "echo hello" },
        .with { request in
            request.requestID = "0192f3a4-5b6c-7000-8000-000000000001"
            request.spec.name = "build-7"
            request.spec.command.argv = .with {
                $0.program = "/bin/true"
                $0.arguments = ["-a", "", "é"]
            }
            request.spec.environment = ["A": "1", "PATH": "/bin"]
            request.spec.labels = ["team/x": "y"]
            request.spec.workingDirectory = "/tmp"
            request.spec.mergeOutput = true
            request.spec.isolation = .host
        },
        .with { $0.spec.isolation = .UNRECOGNIZED(9) },
        .with { request in
            request.spec.command.shell = "cat"
            request.spec.standardInput = Data([1, 2, 3])
            request.spec.timeout = .with { $0.nanos = 1 }
            request.spec.limits.memoryMaxBytes = 1 << 30
            request.spec.logLimit.maxBytes = 1 << 20
            request.spec.network = .private
        },
    ]
    return requests.compactMap { try? $0.serializedBytes() }
}
