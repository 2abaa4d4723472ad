import Reactor
import Simulator
import TestSupport
import Testing

@testable import Transport

/// Nothing holds on to a call that is over, or to a connection that is gone.
@Suite(.timeLimit(.minutes(10)))
struct GRPCReleaseTests {
    /// How a call comes to its end.
    enum End: CaseIterable {
        case answer, source, refusal, cancel, deadline, lostConnection
    }

    @Test(arguments: End.allCases)
    func `a call is let go of, however it ends`(end: End) throws {
        weak var serverCall: GRPCServerCall?
        weak var handler: SingleRequestCall?
        weak var clientCall: GRPCClientCall?
        weak var receiver: RecordingReceiver?
        let pair = try GRPCPair { call in
            serverCall = call
            let new = SingleRequestCall(call) { handler, request in
                // A handler that holds itself, as one that waits for something does.
                handler.onCancel = { _ in handler.fail(GRPCStatus(.cancelled)) }
                switch end {
                case .answer: handler.answer(request)
                case .source: handler.call.stream(from: ScriptedSource([.end(.ok)]))
                case .refusal: handler.fail(GRPCStatus(.notFound))
                case .cancel, .deadline, .lostConnection: break
                }
            }
            handler = new
            return new
        }
        try inScope {
            let new = RecordingReceiver()
            receiver = new
            let call = pair.call(
                timeout: end == .deadline ? .seconds(1) : nil, receiver: new)
            clientCall = call
            try pair.pair.settle()
            switch end {
            case .cancel: call.cancel()
            case .deadline: try pair.pair.run(for: .seconds(2))
            case .lostConnection: pair.pair.server.close(.shutdown)
            case .answer, .source, .refusal: break
            }
            try pair.pair.settle()
            #expect(new.status != nil)
        }
        #expect(serverCall == nil)
        #expect(handler == nil)
        #expect(clientCall == nil)
        #expect(receiver == nil)
        #expect(pair.server.openCallCount == 0)
        #expect(pair.client.openCallCount == 0)
    }

    @Test func `a connection is let go of, and leaves no timer behind`() throws {
        let reactor = SimulatedMachine(seed: 1).makeReactor()
        weak var client: GRPCClientConnection?
        weak var server: GRPCServerConnection?
        try inScope {
            let router = ClosureRouter { RecordingHandler($0) }
            let newClient = GRPCClientConnection(
                origin: GRPCOrigin(authority: "a", userAgent: "b"), reactor: reactor,
                limits: .client)
            let newServer = GRPCServerConnection(router: router, limits: TransportLimits())
            client = newClient
            server = newServer
            let pair = Pair(client: newClient, server: newServer, reactor: reactor)
            try pair.connect()
            _ = newClient.call("/a/b", timeout: .seconds(60), receiver: RecordingReceiver())
            try pair.settle()
            newServer.startGracefulShutdown()
            pair.client.close(.shutdown)
            try pair.settle()
            #expect(pair.server.isClosed)
        }
        #expect(client == nil)
        #expect(server == nil)
        #expect(reactor.isIdle)
    }

    @Test func `ten thousand calls leave nothing behind`() throws {
        let pair = try GRPCPair { call in SingleRequestCall(call) { $0.answer($1) } }
        for round in 0..<100 {
            let receivers = (0..<100).map { _ in RecordingReceiver() }
            for receiver in receivers { _ = pair.call(timeout: .seconds(9), receiver: receiver) }
            try pair.pair.settle()
            #expect(receivers.allSatisfy { $0.status == .ok }, "round \(round)")
        }
        #expect(pair.server.openCallCount == 0)
        #expect(pair.client.openCallCount == 0)
    }

    /// A scope of its own, so that what it holds is let go of at its end.
    @inline(never)
    private func inScope(_ body: () throws -> Void) rethrows {
        try body()
    }
}
