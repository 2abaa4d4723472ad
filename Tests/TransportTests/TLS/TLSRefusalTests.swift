import Reactor
import Testing
import Transport

/// Who is refused, by whom, with which alert; each time both ends are asked for the exact failure
/// and for the bytes that reached the application, which must be none.
struct TLSRefusalTests {
    private let authorities: TestAuthorities

    init() throws {
        authorities = try TestAuthorities()
    }

    /// A client that the server must refuse.
    enum BadClient: CaseIterable {
        case withoutCertificate
        case ofForeignAuthority
        case selfMade
        case expired
        case notYetValid
        case withServerCertificate
        case withCertificateOfServerAuthority
    }

    private func credential(_ client: BadClient) throws -> Credential? {
        let clients = authorities.clientCA
        return switch client {
        case .withoutCertificate: nil
        case .ofForeignAuthority: try TestAuthorities().client()
        case .selfMade:
            try CertificateAuthority.create(commonName: "me", days: 1, now: authorities.now)
                .credential
        case .expired: try authorities.odd(.client, from: -3, to: -1, signedBy: clients)
        case .notYetValid: try authorities.odd(.client, from: 1, to: 3, signedBy: clients)
        case .withServerCertificate: try authorities.odd(.server, signedBy: clients)
        case .withCertificateOfServerAuthority: try authorities.server()
        }
    }

    private func expectation(_ client: BadClient) -> (PeerCertificateProblem, alert: UInt8) {
        switch client {
        case .withoutCertificate: (.missing, 116)
        case .ofForeignAuthority, .selfMade, .withCertificateOfServerAuthority:
            (.unknownAuthority, 48)
        case .expired: (.expired, 45)
        case .notYetValid: (.notYetValid, 42)
        case .withServerCertificate: (.wrongUsage, 43)
        }
    }

    @Test(arguments: BadClient.allCases, [1, 1 << 20])
    func `the server refuses`(client: BadClient, chunkSize: Int) throws {
        let pair = try TLSPair(
            server: authorities.serverContext(),
            client: authorities.clientContext(credential(client)))
        pair.chunkSize = chunkSize
        pair.run()
        let (problem, alert) = expectation(client)
        #expect(pair.server.failure == .peerCertificateInvalid(problem))
        #expect(pair.client.failure == .certificateRefusedByPeer(TLSAlert(rawValue: alert)))
        #expect(pair.client.isEstablished, "TLS 1.3 tells the client only afterwards")
        #expect(!pair.server.isEstablished)
        #expect(pair.server.channel.peer == nil)
    }

    @Test(arguments: BadClient.allCases)
    func `no byte of a refused client arrives`(client: BadClient) throws {
        let pair = try TLSPair(
            server: authorities.serverContext(),
            client: authorities.clientContext(credential(client)))
        pair.client.advance()
        _ = pair.server.take(from: pair.client, atMost: .max)
        _ = pair.client.take(from: pair.server, atMost: .max)
        // The client's certificate and its first request travel together.
        #expect(pair.client.isEstablished)
        pair.client.say(Array("PRI * HTTP/2.0".utf8))
        pair.run()
        #expect(pair.server.received.isEmpty)
        #expect(pair.client.received.isEmpty)
        #expect(pair.server.failure == .peerCertificateInvalid(expectation(client).0))
    }

    /// A server that the client must refuse.
    enum BadServer: CaseIterable {
        case ofForeignAuthority
        case expired
        case notYetValid
        case withClientCertificate
        case ofAnotherHost
        case namedOnlyInItsSubject
    }

    private func credential(_ server: BadServer) throws -> Credential {
        let servers = authorities.serverCA
        let localhost = CertificateProfile.SubjectEntry.commonName(Array("localhost".utf8))
        return switch server {
        case .ofForeignAuthority: try TestAuthorities().server()
        case .expired: try authorities.odd(.server, from: -3, to: -1, signedBy: servers)
        case .notYetValid: try authorities.odd(.server, from: 1, to: 3, signedBy: servers)
        case .withClientCertificate:
            try authorities.odd(.client, subject: [localhost], signedBy: servers)
        case .ofAnotherHost:
            try authorities.odd(.server, hosts: [.name("elsewhere")], signedBy: servers)
        case .namedOnlyInItsSubject:
            try authorities.odd(.server, subject: [localhost], hosts: [], signedBy: servers)
        }
    }

    private func expectation(_ server: BadServer) -> (PeerCertificateProblem, alert: UInt8) {
        switch server {
        case .ofForeignAuthority: (.unknownAuthority, 48)
        case .expired: (.expired, 45)
        case .notYetValid: (.notYetValid, 42)
        case .withClientCertificate: (.wrongUsage, 43)
        case .ofAnotherHost, .namedOnlyInItsSubject:
            (.hostNameMismatch(expected: "localhost"), 42)
        }
    }

    @Test(arguments: BadServer.allCases, [1, 1 << 20])
    func `the client refuses`(server: BadServer, chunkSize: Int) throws {
        let pair = try TLSPair(
            server: authorities.serverContext(credential(server)),
            client: authorities.clientContext(authorities.client()))
        pair.chunkSize = chunkSize
        pair.run()
        let (problem, alert) = expectation(server)
        #expect(pair.client.failure == .peerCertificateInvalid(problem))
        #expect(pair.server.failure == .certificateRefusedByPeer(TLSAlert(rawValue: alert)))
        #expect(!pair.client.isEstablished)
        #expect(!pair.server.isEstablished)
        #expect(pair.server.received.isEmpty)
    }

    @Test func `an address that the certificate lacks is refused`() throws {
        let pair = try TLSPair(
            server: authorities.serverContext(),
            client: authorities.clientContext(authorities.client()), serverName: "127.0.0.2")
        pair.run()
        let problem = PeerCertificateProblem.hostNameMismatch(expected: "127.0.0.2")
        #expect(pair.client.failure == .peerCertificateInvalid(problem))
        #expect(pair.server.failure == .certificateRefusedByPeer(TLSAlert(rawValue: 42)))
    }

    @Test(arguments: [
        TLSFailure.certificateRefusedByPeer(TLSAlert(rawValue: 116)),
        .peerCertificateInvalid(.hostNameMismatch(expected: "example.org")),
        .versionUnsupported, .notTLS, .applicationProtocolMismatch,
    ])
    func `a failure is told in whole sentences`(failure: TLSFailure) {
        #expect(failure.description.hasSuffix(".") || failure.description.hasSuffix("?"))
        #expect(failure.description.first?.isUppercase == true)
    }
}
