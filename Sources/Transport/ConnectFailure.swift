package import Reactor

/// Why no connection to a server could be made.
package enum ConnectFailure: Error, Hashable, Sendable {
    /// What was given is not `HOST:PORT`.
    case invalidEndpoint(String)

    /// The name has no address.
    case unknownHost(String, reason: String)

    /// Every address was tried; this is what the last one said.
    case refused(endpoint: String, Errno)

    /// No address answered in time.
    case timedOut(endpoint: String)
}

extension ConnectFailure: CustomStringConvertible {
    /// A sentence for people.
    package var description: String {
        switch self {
        case .invalidEndpoint(let text):
            "\(text.debugDescription) is not an address: write HOST:PORT, or [IPV6]:PORT."
        case .unknownHost(let host, let reason):
            "The host name \(host.debugDescription) has no address: \(reason)."
        case .refused(let endpoint, let errno):
            "No connection to \(endpoint): \(errno)."
        case .timedOut(let endpoint):
            "No connection to \(endpoint): it did not answer in time."
        }
    }
}
