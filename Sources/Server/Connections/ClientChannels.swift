import Reactor
import Transport

/// How clients are spoken to: over mutual TLS, or, on a simulated machine, in the clear.
struct ClientChannels {
    /// When the server's certificate ends, if it has one.
    let certificateExpires: Timestamp?
    /// Makes the channel of a connection that was just accepted.
    let make: () -> any SecureChannel
}

extension ClientChannels {
    /// TLS as the operator wants it.
    static func tls(
        _ configuration: Configuration, _ kernel: any Kernel
    ) throws(StartupError) -> ClientChannels {
        do throws(TLSConfigurationError) {
            let context = try TLSContext.server(
                certificateFile: configuration.certificateFile, keyFile: configuration.keyFile,
                clientCAFile: configuration.clientCAFile, kernel: kernel)
            return ClientChannels(certificateExpires: context.certificateNotAfter) {
                TLSSession.server(context, limits: Limits.transport)
            }
        } catch {
            throw .tls(error)
        }
    }
}
