import CLinux
import Glibc
import ShimProtocol

/// The command's process, between fork(2) and execve(2).
struct LeaderProcess {
    let launch: LeaderLaunch
    /// The PID of whoever must not die before the command does.
    let parent: Int32
    /// Where a failure is told.
    ///
    /// It closes when the program is executed.
    let report: Int32

    func run() -> Never {
        do throws(StartFailure) {
            try prepare()
            throw execute()
        } catch {
            let message = error.report.encoded()
            _ = write(report, message, message.count)
            _exit(127)
        }
    }

    private func prepare() throws(StartFailure) {
        try dieWithParent()
        try at(.supervisor, "setsid") { setsid() }
        try at(.supervisor, "dup2") { dup2(launch.standardOutput, STDOUT_FILENO) }
        try at(.supervisor, "dup2") { dup2(launch.standardError, STDERR_FILENO) }
        closeDescriptors(except: [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, report])
        restoreDescriptorLimit()
        try at(.supervisor, "sigprocmask") { clinux_unblock_signals() }
        umask(0o022)
        if let credentials = launch.plan.credentials { try become(credentials) }
        let directory = launch.plan.workingDirectory
        try at(.workingDirectory, directory) { chdir(directory) }
        if let sandbox = launch.plan.sandbox { try obey(sandbox) }
    }

    /// From here on nothing is done that the user may not do.
    private func become(_ credentials: HostCredentials) throws(StartFailure) {
        // While the quota of keys is still root's; keyrings(7).
        try at(.credentials, "keyring") { clinux_join_new_keyring() }
        try at(.credentials, "setgroups") {
            setgroups(credentials.groups.count, credentials.groups)
        }
        try at(.credentials, "setgid") { setgid(credentials.groupID) }
        try at(.credentials, "setuid") { setuid(credentials.userID) }
        if credentials.userID != 0 {
            // What is inheritable survives a change of user.
            try at(.credentials, "capset") { clinux_set_capabilities(0) }
        }
        // The change has cleared that, prctl(2).
        try dieWithParent()
    }

    /// The signal only comes if the parent was alive when it was asked for, prctl(2).
    private func dieWithParent() throws(StartFailure) {
        try at(.supervisor, "prctl") {
            clinux_process_control(PR_SET_PDEATHSIG, UInt(SIGKILL))
        }
        if getppid() != parent { _exit(127) }
    }

    /// No privilege is needed for a soft limit below the hard one, setrlimit(2).
    private func restoreDescriptorLimit() {
        guard let limit = launch.plan.descriptorLimit else { return }
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limits = rlimit()
        getrlimit(resource, &limits)
        limits.rlim_cur = min(rlim_t(limit), limits.rlim_max)
        setrlimit(resource, &limits)
    }

    /// The filters come last, because they forbid what makes a process ready.
    private func obey(_ sandbox: SandboxPlan) throws(StartFailure) {
        for limit in sandbox.resourceLimits {
            let resource = __rlimit_resource_t(limit.resource)
            var limits = rlimit(rlim_cur: rlim_t(limit.soft), rlim_max: rlim_t(limit.hard))
            try at(.credentials, "setrlimit") { setrlimit(resource, &limits) }
        }
        for filter in sandbox.systemCallFilters {
            try at(.credentials, "seccomp") {
                clinux_load_filter(filter, UInt16(filter.count / 8))
            }
        }
    }

    private func execute() -> StartFailure {
        let plan = launch.plan
        let environment = CStrings(plan.environment.map { "\($0.name)=\($0.value)" })
        let arguments = CStrings([plan.program] + plan.arguments)
        var search = ProgramSearch(program: plan.program, environment: plan.environment)
        for candidate in search.candidates {
            let number = failure { execve(candidate, arguments.pointers, environment.pointers) }
            switch search.failed(candidate, errno: number) {
            case .tryNext: continue
            case .giveUp(let failure): return failure
            case .runWithShell: return executeWithShell(candidate, environment)
            }
        }
        return search.notFound
    }

    private func executeWithShell(_ script: String, _ environment: CStrings) -> StartFailure {
        let shell = "/bin/sh"
        let arguments = CStrings([shell, script] + launch.plan.arguments)
        let number = failure { execve(shell, arguments.pointers, environment.pointers) }
        return StartFailure(stage: .execute, errno: number, detail: script)
    }
}

/// Strings as execve(2) takes them.
///
/// Never freed: the program replaces all memory, or the process ends.
private struct CStrings {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

    init(_ strings: [String]) {
        pointers = .allocate(capacity: strings.count + 1)
        for (index, string) in strings.enumerated() { pointers[index] = strdup(string) }
        pointers[strings.count] = nil
    }
}
