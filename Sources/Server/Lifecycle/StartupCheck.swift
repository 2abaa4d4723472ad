import Jobs
import Reactor

/// What would keep the daemon from starting, found without starting anything.
struct StartupCheck {
    let configuration: Configuration
    let kernel: any Kernel

    /// All that is wrong, each in the words that a start, or a reload, has for it.
    var problems: [StartupError] {
        var problems: [StartupError] = []
        for check in [channels, shim, policy, backend] {
            do throws(StartupError) {
                try check()
            } catch {
                problems.append(error)
            }
        }
        return problems
    }

    private func channels() throws(StartupError) {
        _ = try ClientChannels.tls(configuration, kernel)
    }

    private func shim() throws(StartupError) {
        _ = try ShimProgram.find(configuration.shim, kernel: kernel)
    }

    private func backend() throws(StartupError) {
        do throws(BackendFailure) {
            _ = try configuration.backend.makeBackend()
        } catch {
            throw .backend(error)
        }
    }

    private func policy() throws(StartupError) {
        _ = try Daemon.policy(configuration, configuration.startTerms, kernel)
    }
}
