import Jobs
import Reactor
import Transport

/// Why the daemon does not start; each says what, why and what to do.
enum StartupError: Error {
    case configuration(ConfigurationError)
    case tls(TLSConfigurationError)
    case jobs(JobError)
    case policy(PolicyProblem)
    case listen(SocketAddress, Errno)
    case shimUnusable(path: String, problem: String)
    case tooFewDescriptors(Int)
    case backend(BackendFailure)
    case system(String, Errno)

    /// One or two sentences for the operator.
    var sentence: String {
        switch self {
        case .configuration(let error): error.sentence
        case .tls(let error): "\(error) Check --cert, --key and --client-ca."
        case .jobs(let error): error.sentence
        case .policy(let problem): problem.sentence
        case .listen(let address, .addressInUse):
            "Another program listens on \(address) already. "
                + "Stop it, or choose another port with --listen."
        case .listen(let address, .addressNotAvailable):
            "\(address) is not an address of this host. Choose one with --listen."
        case .listen(let address, .accessDenied), .listen(let address, .notPermitted):
            "This user may not listen on \(address). Choose a port from 1024 up with --listen."
        case .listen(let address, let error):
            "The daemon cannot listen on \(address): \(error). Choose another with --listen."
        case .shimUnusable(let path, let problem):
            "The program \(path) cannot be used: \(problem). "
                + "Install cmdctl-shim beside cmdctld, or name it with --shim."
        case .tooFewDescriptors(let count):
            "The daemon may open \(count) descriptors, and needs \(Limits.descriptorsMin). "
                + "Raise the limit: ulimit -n, or LimitNOFILE= of its unit."
        case .backend(let failure):
            "The backend \(failure.kind.rawValue) cannot be had: \(failure). "
                + "Allow it, or choose --backend auto or epoll."
        case .system(let what, let error):
            "The system refused \(what): \(error)."
        }
    }
}

extension Options {
    /// The configuration, or why the daemon does not start.
    func checked(of kernel: any Kernel) throws(StartupError) -> Configuration {
        do throws(ConfigurationError) {
            return try configuration(of: kernel)
        } catch {
            throw .configuration(error)
        }
    }
}
