import Jobs
import JobsAPI
import SwiftProtobuf

extension JobSpecification {
    /// Reads what a client asks for.
    ///
    /// What the words mean is checked by the jobs room; here only that they are all there. An
    /// isolation that is left open becomes `isolation`, or with an image that of images.
    init(
        _ message: Cmdctl_V1_JobSpec, isolationByDefault isolation: Isolation = .host
    ) throws(CallError) {
        self.init(
            command: Command(message.command),
            name: message.name.isEmpty ? nil : message.name,
            environment: message.environment,
            workingDirectory: message.workingDirectory.isEmpty ? "/" : message.workingDirectory,
            labels: message.labels,
            mergeOutput: message.mergeOutput,
            isolation: try Isolation(reading: message.isolation)
                ?? (message.image.isEmpty ? isolation : .image),
            image: message.image.isEmpty ? nil : message.image,
            user: message.user.isEmpty ? nil : message.user,
            network: try Network(reading: message.network),
            limits: ResourceLimits(message.limits),
            timeout: try message.hasTimeout ? Duration(timeout: message.timeout) : nil,
            logLimit: try LogLimit(message.logLimit),
            standardInput: StandardInput([UInt8](message.standardInput)))
    }
}

extension JobSpecification.Command {
    fileprivate init(_ message: Cmdctl_V1_Command) {
        switch message.form {
        case .argv(let vector): self = .program(vector.program, arguments: vector.arguments)
        case .shell(let line): self = .shell(line)
        // No command is an empty one, which is told together with all else that is wrong.
        case nil: self = .program("", arguments: [])
        }
    }
}

extension JobSpecification.Isolation {
    fileprivate init?(reading message: Cmdctl_V1_Isolation) throws(CallError) {
        switch message {
        case .unspecified: return nil
        case .host: self = .host
        case .strict: self = .strict
        case .image: self = .image
        case .UNRECOGNIZED(let number):
            throw .badRequest([
                FieldViolation(
                    field: "spec.isolation",
                    description: "This server knows no isolation with the number \(number).")
            ])
        }
    }
}

extension Cmdctl_V1_JobSpec {
    /// Says what was asked for.
    init(_ specification: JobSpecification) {
        self.init()
        command = .with { $0.form = .init(specification.command) }
        name = specification.name ?? ""
        environment = specification.environment
        workingDirectory = specification.workingDirectory
        labels = specification.labels
        mergeOutput = specification.mergeOutput
        isolation = .init(specification.isolation)
        image = specification.image ?? ""
        user = specification.user ?? ""
        if let asked = specification.network { network = .init(asked) }
        if specification.limits != ResourceLimits() { limits = .init(specification.limits) }
        if let asked = specification.timeout { timeout = .init(rounding: asked) }
        if specification.logLimit != LogLimit() { logLimit = .init(specification.logLimit) }
    }
}

extension Cmdctl_V1_Command.OneOf_Form {
    fileprivate init(_ command: JobSpecification.Command) {
        switch command {
        case .program(let program, let arguments):
            self = .argv(
                .with {
                    $0.program = program
                    $0.arguments = arguments
                })
        case .shell(let line): self = .shell(line)
        }
    }
}

extension Cmdctl_V1_Isolation {
    /// The API's word for an isolation.
    init(_ isolation: JobSpecification.Isolation) {
        switch isolation {
        case .host: self = .host
        case .strict: self = .strict
        case .image: self = .image
        }
    }
}
