import Reactor
import Transport

extension Failure {
    /// Why there is no connection to `server`, or no longer.
    init(_ reason: ConnectionCloseReason, server: Endpoint) {
        self =
            switch reason {
            case .connectFailed(let failure): Self.unreachable(failure, server)
            case .handshakeFailed(let failure): Self.handshake(failure, server)
            case .handshakeTimeout:
                Self(
                    reason: "HANDSHAKE_TIMED_OUT",
                    "\(server) accepted a connection and said nothing",
                    remedy:
                        "Is it cmdctld that listens there? It may also be overloaded: try again.",
                    exitStatus: .timedOut, outage: Outage())
            case .peerClosed, .finished, .shutdown, .idle, .crowdedOut:
                Self.lost(server, "the server closed it", "It may be shutting down.")
            case .reset(let errno): Self.lost(server, "\(errno)", "")
            case .keepaliveTimeout:
                Self.lost(server, "the server no longer answers", "Is the network there?")
            case .protocolError(let what):
                Self.lost(
                    server, "the server broke the protocol, \(what)", "Is it cmdctld?",
                    outage: nil)
            }
    }

    /// The connection was there and is no longer; the server may be.
    static let connectionLost = "CONNECTION_LOST"

    private static func lost(
        _ server: Endpoint, _ why: String, _ hint: String, outage: Outage? = Outage()
    ) -> Failure {
        Failure(
            reason: connectionLost, "the connection to \(server) is lost: \(why)",
            remedy: hint + (hint.isEmpty ? "" : " ") + "Jobs go on; try again.", outage: outage)
    }

    private static func unreachable(_ failure: ConnectFailure, _ server: Endpoint) -> Failure {
        switch failure {
        case .invalidEndpoint:
            .usage(
                "'\(server)' is not the address of a server", remedy: "Write host:port.")
        case .unknownHost(let host, let why):
            Failure(
                reason: "HOST_UNKNOWN",
                "cannot connect to \(server): \(host) has no address (\(why))",
                remedy: "Check the spelling, or give an address instead of the name.",
                outage: Outage())
        case .refused(_, .connectionRefused):
            Failure(
                reason: "CONNECTION_REFUSED", "cannot connect to \(server): nobody listens there",
                remedy: "Is cmdctld running there, and is the port right?", outage: Outage())
        case .refused(_, let errno):
            Failure(
                reason: "CONNECT_FAILED", "cannot connect to \(server): \(errno)",
                remedy: "Is the address right, and the network there?", outage: Outage())
        case .timedOut:
            Failure(
                reason: "CONNECT_TIMED_OUT", "cannot connect to \(server): no answer in time",
                remedy: "Is the address right, or does a firewall drop the packets?",
                exitStatus: .timedOut, outage: Outage())
        }
    }

    private static func handshake(_ failure: TLSFailure, _ server: Endpoint) -> Failure {
        switch failure {
        case .certificateRefusedByPeer(let alert):
            Failure(
                reason: "CERTIFICATE_REFUSED",
                "\(server) refused your certificate (TLS alert: \(alert.name))",
                remedy:
                    "It must be valid now, be meant for clients (`cmdctl pki inspect` shows both), "
                    + "and be issued by the authority that the server was given as --client-ca.",
                facts: ["alert": alert.name])
        case .peerCertificateInvalid(let problem): untrusted(problem, server)
        // What stands before a server that is gone accepts, and closes when it has nobody to ask.
        case .closedDuringHandshake: failed(failure, server, outage: Outage())
        case .refusedByPeer, .versionUnsupported, .notTLS, .applicationProtocolMismatch,
            .tooManyKeyUpdates, .outputOverflow, .protocolViolation:
            failed(failure, server)
        }
    }

    private static func failed(
        _ failure: TLSFailure, _ server: Endpoint, outage: Outage? = nil
    ) -> Failure {
        Failure(
            reason: "HANDSHAKE_FAILED", "cannot connect to \(server). \(failure)",
            remedy: "`cmdctl doctor` looks at both ends.", outage: outage)
    }

    private static func untrusted(
        _ problem: PeerCertificateProblem, _ server: Endpoint
    ) -> Failure {
        let remedy =
            switch problem {
            case .unknownAuthority: "Is --cacert the authority that issued it?"
            case .expired: "Ask who runs the server for a new one, and compare the clocks."
            case .notYetValid: "Compare the clocks."
            case .wrongUsage: "Whoever listens there shows no server's certificate: is it cmdctld?"
            case .hostNameMismatch:
                "Connect by a name it has, or issue it anew with --host \(server.host)."
            case .missing, .other: "Ask who runs the server."
            }
        return Failure(
            reason: "SERVER_CERTIFICATE_INVALID",
            "cannot trust \(server): its certificate was refused, \(problem)", remedy: remedy)
    }
}
