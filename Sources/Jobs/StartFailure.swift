/// Why a command could not be started.
public struct StartFailure: Error, Hashable, Sendable {
    /// The steps from the request to the running command.
    public enum Stage: String, CaseIterable, Sendable {
        /// Making the job's log and index.
        case files
        /// Making the process that supervises the job.
        case supervisor
        /// Making the job's namespaces and first process.
        case namespaces
        /// Putting the job under its control group.
        case cgroup
        /// Changing user, group and capabilities.
        case credentials
        /// Entering the working directory.
        case workingDirectory
        /// Executing the program.
        case execute
    }

    /// What the stage and the error number mean to the one who asked.
    public enum Cause: String, CaseIterable, Sendable {
        /// No such program, under that path or in the job's `PATH`.
        case programNotFound
        /// The program is there, and may not or cannot be executed.
        case programNotExecutable
        /// The working directory is missing, no directory, or closed to the job.
        case workingDirectoryUnusable
        /// More arguments and environment than the kernel takes.
        case argumentsTooLong
        /// No space for the job's log and index.
        case storageFull
        /// No descriptor left for the job's files or its process.
        case outOfDescriptors
        /// Anything else.
        case other
    }

    /// The step that failed.
    public let stage: Stage
    /// The errno(3) of that step, or 0 where none applies.
    public let errorNumber: Int32
    /// What it means.
    public let cause: Cause
    /// One sentence or two for people: what, why, and what to do.
    public let sentence: String

    /// Describes a failure.
    public init(stage: Stage, errorNumber: Int32, cause: Cause, sentence: String) {
        self.stage = stage
        self.errorNumber = errorNumber
        self.cause = cause
        self.sentence = sentence
    }
}
