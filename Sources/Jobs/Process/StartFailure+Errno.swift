import Reactor
import ShimProtocol

extension StartFailure {
    /// Says what a failed step means for a job.
    ///
    /// - Parameters:
    ///   - stage: The step.
    ///   - error: Why it failed; nil where no error number applies.
    ///   - detail: On what it failed, or why, in words.
    ///   - specification: The job that was to be started; nil when nobody knows any more.
    init(
        stage: Stage, error: Errno?, detail: String = "", specification: JobSpecification?
    ) {
        let cause = Cause(stage: stage, error: error)
        let why = [error.map { "\($0)" } ?? "", detail].filter { !$0.isEmpty }
        self.init(
            stage: stage, errorNumber: error?.rawValue ?? 0, cause: cause,
            sentence: cause.sentence(
                for: specification, stage: stage, why: why.joined(separator: ", ")))
    }

    /// Says what the report of a shim means.
    init(
        _ stage: StartStage, errorNumber: Int32, detail: String,
        specification: JobSpecification?
    ) {
        guard stage != .plan || errorNumber != 0 else {
            self.init(
                stage: .supervisor, errorNumber: 0, cause: .other,
                sentence: StartFailure.misunderstood(detail))
            return
        }
        self.init(
            stage: Stage(stage), error: errorNumber == 0 ? nil : Errno(rawValue: errorNumber),
            detail: detail, specification: specification)
    }
}

extension StartFailure {
    /// A shim and a server that were not built together, as after an upgrade without a restart.
    private static func misunderstood(_ detail: String) -> String {
        "The job could not be started: cmdctl-shim does not understand the server's orders "
            + "(\(detail)), so it is of another version. Ask the server's administrator to "
            + "restart cmdctld; jobs that run are not touched by that."
    }
}

extension StartFailure.Stage {
    /// The stage as people are told it; reading the plan is a part of making the supervisor.
    init(_ stage: StartStage) {
        switch stage {
        case .files: self = .files
        case .plan, .supervisor: self = .supervisor
        case .namespaces: self = .namespaces
        case .cgroup: self = .cgroup
        case .credentials: self = .credentials
        case .workingDirectory: self = .workingDirectory
        case .execute: self = .execute
        }
    }

    /// What was tried, as the end of "failed at ...".
    fileprivate var activity: String {
        switch self {
        case .files: "making its log and index"
        case .supervisor: "making the process that supervises it"
        case .namespaces: "making its namespaces and first process"
        case .cgroup: "putting it under its control group"
        case .credentials: "changing its user and capabilities"
        case .workingDirectory: "entering its working directory"
        case .execute: "executing its program"
        }
    }
}

extension StartFailure.Cause {
    fileprivate init(stage: StartFailure.Stage, error: Errno?) {
        switch (stage, error) {
        case (.execute, .noEntry?), (.execute, .notDirectory?), (.execute, .nameTooLong?):
            self = .programNotFound
        case (.execute, .argumentListTooLong?):
            self = .argumentsTooLong
        case (.execute, .accessDenied?), (.execute, .notPermitted?), (.execute, .isDirectory?),
            (.execute, .notExecutable?), (.execute, .textFileBusy?):
            self = .programNotExecutable
        case (.workingDirectory, _?):
            self = .workingDirectoryUnusable
        case (.files, .noSpace?), (.files, .quotaExceeded?):
            self = .storageFull
        case (.files, let error?) where error.meansOutOfDescriptors,
            (.supervisor, let error?) where error.meansOutOfDescriptors:
            self = .outOfDescriptors
        default:
            self = .other
        }
    }

    fileprivate func sentence(
        for specification: JobSpecification?, stage: StartFailure.Stage, why: String
    ) -> String {
        guard let specification else { return Self.sentence(stage: stage, why: why) }
        let program = quoted(specification.command.program)
        if let sentence = self.sentence(forImageOf: specification, stage: stage, why: why) {
            return sentence
        }
        switch self {
        case .programNotFound where specification.isolation == .image:
            return "The program \(program) was not found in image "
                + "\(quoted(specification.image ?? "")). Check the path, or that PATH in the job's "
                + "environment suits the image; for a script, check its interpreter too."
        case .programNotFound where specification.isolation == .strict:
            return "The program \(program) was not found among the host's programs, which are all "
                + "that a job with the isolation strict sees (\(why)). Check its name, use an "
                + "image, or, if you may, the isolation host."
        case .programNotFound where specification.command.program.contains("/"):
            return "The program \(program) was not found on the server's host (\(why)). "
                + "Check the path; for a script, check its interpreter too."
        case .programNotFound:
            return "The program \(program) was not found in the job's PATH on the server's host. "
                + "Check its name, give its full path, or set PATH in the job's environment."
        case .programNotExecutable:
            return "The program \(program) cannot be executed: \(why). "
                + "Check its permissions and its format."
        case .workingDirectoryUnusable where specification.isolation != .host:
            return "The working directory \(quoted(specification.workingDirectory)) cannot be "
                + "entered: \(why). With the isolation \(specification.isolation.rawValue) a job "
                + "does not see the host's directories; choose one that it has, as /tmp."
        case .workingDirectoryUnusable:
            return "The working directory \(quoted(specification.workingDirectory)) cannot be "
                + "entered: \(why). Choose a directory that exists on the server's host and is "
                + "open to the job's user."
        case .argumentsTooLong:
            return "The program's arguments and environment are longer than the kernel takes: "
                + "\(specification.lengths). Pass the data in a file."
        case .storageFull:
            return "The server has no space left for the job's output (\(why)). "
                + "Delete jobs that have ended, or ask the server's administrator."
        case .outOfDescriptors:
            return "The server had no file descriptor left to start the job (\(why)). Try again "
                + "when jobs have ended, or ask the server's administrator for a higher limit."
        case .other:
            return Self.sentence(stage: stage, why: why)
        }
    }

    /// What is different for a job that has an image for its root.
    private func sentence(
        forImageOf specification: JobSpecification, stage: StartFailure.Stage, why: String
    ) -> String? {
        guard let name = specification.image else { return nil }
        let image = quoted(name)
        let program = quoted(specification.command.program)
        return switch (self, stage) {
        case (.programNotFound, _):
            "The program \(program) was not found in image \(image) (\(why)). Check its path, or "
                + "PATH in the job's environment; for a script, its interpreter too, and for a "
                + "program its libraries."
        case (.workingDirectoryUnusable, _):
            "The working directory \(quoted(specification.workingDirectory)) cannot be entered in "
                + "image \(image): \(why). Choose one that the image has."
        case (.other, .namespaces) where why.contains("image /"):
            "The files of image \(image) cannot be given to the job's users (\(why)): the file "
                + "system it lies on has no idmapped mounts. ext4, XFS and tmpfs have them since "
                + "Linux 5.12, 5.12 and 6.3, squashfs since 6.2; ask the server's administrator."
        default: nil
        }
    }

    private static func sentence(stage: StartFailure.Stage, why: String) -> String {
        "The job could not be started: \(stage.activity) failed"
            + (why.isEmpty ? "" : " (\(why))")
            + ". Try again, and if it fails again, ask the server's administrator."
    }
}

extension JobSpecification {
    /// How long what execve(2) is given is, against its bounds.
    fileprivate var lengths: String {
        let argumentMax = 128 * 1024
        let arguments = [command.program] + command.arguments
        if let index = arguments.firstIndex(where: { $0.utf8.count >= argumentMax }) {
            return "argument \(index) has \(arguments[index].utf8.count) bytes, and a single one "
                + "may have at most \(argumentMax - 1)"
        }
        let total = arguments.reduce(0) { $0 + $1.utf8.count + 1 }
        let environment = environment.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count + 2 }
        return "\(total) bytes in \(arguments.count) arguments, and \(environment) bytes of "
            + "environment"
    }
}

extension Errno {
    /// Of this process, or of the whole system.
    var meansOutOfDescriptors: Bool { self == .tooManyFiles || self == .tooManyFilesInSystem }
}
