import Netlink
import Reactor
import ShimProtocol

/// What a shim is born with, ready to be handed over.
final class PreparedFiles: Sendable {
    let log: NewLog
    let plan: OwnedDescriptor
    /// What the command reads; nil for /dev/null.
    let standardInput: StandardInputFile?
    /// The directory of the group it is born into, if there are groups.
    let shimGroup: String?

    init(
        log: NewLog, plan: consuming OwnedDescriptor, standardInput: StandardInputFile?,
        shimGroup: String?
    ) {
        self.log = log
        self.plan = plan
        self.standardInput = standardInput
        self.shimGroup = shimGroup
    }
}

/// What a command reads, in a memory file that nobody can change any more.
final class StandardInputFile: Sendable {
    let descriptor: OwnedDescriptor

    init(_ descriptor: consuming OwnedDescriptor) {
        self.descriptor = descriptor
    }
}

/// Everything that a start does before there is a process: for a worker, because making inodes
/// and groups may take long.
struct Preparation: Sendable {
    let id: JobID
    let specification: JobSpecification
    let limits: ResourceLimits
    let facts: HostFacts
    let directory: LogDirectory
    let groups: ControlGroups?
    let sandboxes: SandboxPlanner?
    let images: ImageDirectory
    /// The first of the host's users that are the job's own, if it has any.
    let subIDBase: UInt32?
    let networks: NetworkPlanner
    /// The job's address in a private network, if it has one.
    let networkAddress: IPv4Address?
    let descriptorLimit: UInt64?
    let logLimit: LogLimit?
    let kernel: any Kernel
    let reached: @Sendable (StopPoint) -> Void

    /// Makes the files, the group and the plan; leaves nothing behind when one of them fails.
    func run() -> Result<PreparedFiles, StartFailure> {
        do throws(StartFailure) {
            let user = try findUser()
            let log = try makeLog()
            reached(.filesMade)
            do throws(StartFailure) {
                let input = try makeStandardInput()
                let plan = try makePlan(for: user)
                return .success(
                    PreparedFiles(
                        log: log, plan: plan, standardInput: input,
                        shimGroup: groups?.group(of: id).shimPath))
            } catch {
                try? directory.remove(id)
                throw error
            }
        } catch {
            return .failure(error)
        }
    }

    private func findUser() throws(StartFailure) -> HostUser? {
        guard let name = specification.user else { return nil }
        guard let user = HostUser(named: name, kernel: kernel) else { throw .unknownUser(name) }
        return user
    }

    private func makeLog() throws(StartFailure) -> NewLog {
        do {
            return try directory.make(for: id)
        } catch {
            throw failure(.files, error, "in \(directory.path)")
        }
    }

    private func makePlan(for user: HostUser?) throws(StartFailure) -> OwnedDescriptor {
        let sandbox = try planSandbox()
        let group = try makeGroup()
        reached(.groupMade)
        do {
            return try kernel.makeSealedFile(
                "cmdctl-plan", containing: plan(for: user, group: group, sandbox).encoded())
        } catch {
            _ = groups?.group(of: id).remove()
            throw failure(.supervisor, error, "making its plan")
        }
    }

    private func makeStandardInput() throws(StartFailure) -> StandardInputFile? {
        let bytes = specification.standardInput.bytes
        guard !bytes.isEmpty else { return nil }
        do {
            return StandardInputFile(
                try kernel.makeSealedFile("cmdctl-stdin", containing: bytes))
        } catch {
            throw failure(.supervisor, error, "making its standard input")
        }
    }

    private func makeGroup() throws(StartFailure) -> ControlGroup? {
        do throws(ControlGroupError) {
            return try groups?.make(
                for: id, limits, beside: facts.ownProcessCount(for: specification.isolation))
        } catch {
            throw failure(.cgroup, error.error, error.file)
        }
    }

    private func failure(
        _ stage: StartFailure.Stage, _ error: Errno, _ detail: String
    ) -> StartFailure {
        StartFailure(stage: stage, error: error, detail: detail, specification: specification)
    }

    /// None for a job that shares the host, and for no other.
    private func planSandbox() throws(StartFailure) -> SandboxPlan? {
        guard specification.isolation != .host else { return nil }
        guard let sandboxes else {
            throw StartFailure(
                stage: .namespaces, error: nil, detail: "there is nothing to make them with",
                specification: specification)
        }
        return sandboxes.plan(
            for: specification, id: id, subIDBase: subIDBase,
            imageBase: specification.image.map { images.rootPath($0) },
            privateNetwork: networkAddress.map { networks.plan(for: id, at: $0) })
    }

    private func plan(
        for user: HostUser?, group: ControlGroup?, _ sandbox: SandboxPlan?
    ) -> ShimPlan {
        ShimPlan(
            jobID: id.bytes, program: specification.command.program,
            arguments: specification.command.arguments,
            environment: variables(home: user?.home ?? home),
            workingDirectory: specification.workingDirectory,
            mergeOutput: specification.mergeOutput,
            makePIDNamespace: facts.makesNamespace(for: specification.isolation),
            cgroupDirectory: group?.jobPath,
            descriptorLimit: descriptorLimit,
            shimCgroupDirectory: group?.shimPath, sandbox: sandbox, logLimit: logLimit?.plan,
            credentials: user?.credentials)
    }

    private var home: String {
        switch specification.isolation {
        case .host: facts.home
        case .strict: "/home/job"
        case .image: "/root"
        }
    }

    /// The environment, sorted, so that the same job gets the same one each time.
    private func variables(home: String) -> [ShimPlan.Variable] {
        let defaults = [
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": home,
        ]
        var all = defaults.merging(specification.environment) { $1 }
        // Not for the asker to choose: programs take it for the truth.
        all[JobID.variableName] = "\(id)"
        return all.sorted { $0.key < $1.key }
            .map { ShimPlan.Variable(name: $0.key, value: $0.value) }
    }
}
