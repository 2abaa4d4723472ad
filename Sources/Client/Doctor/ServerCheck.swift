import JobsAPI
import Reactor

/// What the server's answer says about the connection, its certificate and the clocks.
struct ServerCheck {
    let settings: ConnectionSettings
    let info: Cmdctl_V1_GetServerInfoResponse
    let now: Timestamp

    var findings: [Finding] {
        [connection, certificate, clock].compactMap(\.self)
    }

    private var connection: Finding {
        let who = "cmdctld \(info.version) at \(settings.server) knows you as \(info.caller.tenant)"
        return Finding(.ok, "connection", "\(who), over \(info.tlsProtocol)")
    }

    private var certificate: Finding? {
        guard info.hasCertificateExpireTime else { return nil }
        return CredentialCheck.validity(
            from: Timestamp(nanoseconds: .min), until: Timestamp(info.certificateExpireTime),
            of: "server", in: "the server's certificate", at: now)
    }

    /// A server that starts in our future has another idea of the time than we have.
    private var clock: Finding {
        guard info.hasStartTime, Timestamp(info.startTime) > now.advanced(by: .seconds(5)) else {
            return Finding(.ok, "clock", "agrees with the server's")
        }
        return Finding(
            .warning, "clock",
            "the server started at \(Timestamp(info.startTime).rfc3339Seconds), "
                + "but here it is only \(now.rfc3339Seconds)",
            advice: "Certificates may seem expired or not yet valid: set the clocks, with NTP.")
    }
}
