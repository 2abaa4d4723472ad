import Jobs
import JobsAPI
import Reactor
import SwiftProtobuf
import Transport

/// What of the server stays the same as long as it runs.
struct ServerFacts {
    let kernelRelease: String
    let backend: String
    let started: Timestamp
    let certificateExpires: Timestamp?
}

extension ServerFacts {
    /// Asks the kernel and the certificate, once.
    init(backend: String, certificateExpires: Timestamp?, kernel: any Kernel) {
        // proc_sys_kernel(5); one line.
        let release = try? kernel.contents(of: "/proc/sys/kernel/osrelease", sizeMax: 256)
        let line = (release ?? []).prefix { $0 != UInt8(ascii: "\n") }
        self.init(
            kernelRelease: String(decoding: line, as: UTF8.self), backend: backend,
            started: kernel.wallClockNow, certificateExpires: certificateExpires)
    }
}

/// Tells about the server, this connection, and who the server takes the caller for.
struct GetServerInfo: UnaryMethod {
    let facts: ServerFacts
    let jobs: JobSupervisor

    func answer(
        _ request: Cmdctl_V1_GetServerInfoRequest,
        to call: UnaryCall<Cmdctl_V1_GetServerInfoResponse>
    ) throws(CallError) {
        let caller = call.caller
        call.reply(
            .with {
                $0.version = Release.version
                $0.apiVersions = Release.apiVersions
                $0.kernelRelease = facts.kernelRelease
                $0.backend = facts.backend
                $0.caller = .init(caller.identity)
                $0.tlsProtocol = caller.security?.protocolName ?? ""
                $0.tlsCipherSuite = caller.security?.cipherSuite ?? ""
                $0.isolations = jobs.isolations.map(Cmdctl_V1_Isolation.init)
                $0.startTime = .init(facts.started)
                if let expires = facts.certificateExpires {
                    $0.certificateExpireTime = .init(expires)
                }
            })
    }
}

extension Cmdctl_V1_Caller {
    fileprivate init(_ identity: ClientIdentity) {
        self.init()
        tenant = identity.tenant.name
        switch identity.role {
        case .user: role = .user
        case .admin: role = .admin
        }
    }
}
