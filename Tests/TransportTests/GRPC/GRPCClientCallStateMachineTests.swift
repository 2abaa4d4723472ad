import Testing

@testable import Transport

/// Every event in every state of a call on the client: one verdict, and the right one.
struct GRPCClientCallStateMachineTests {
    typealias Machine = GRPCClientCallStateMachine

    static let none = GRPCMetadata()
    static let trailers = GRPCResponseBlock.trailers(.ok, none)
    static let initial = GRPCResponseBlock.initial(none, encoding: nil)
    static let foreign = GRPCStatus(.unavailable, "HTTP 503")

    static func answering() -> Machine {
        var machine = Machine()
        _ = machine.received(initial)
        return machine
    }

    @Test func `the usual course`() {
        var machine = Machine()
        #expect(machine.received(.interim) == .none)
        #expect(machine.received(Self.initial) == .headers(Self.none))
        #expect(machine.received(Self.trailers) == .finish(.ok, Self.none, resets: false))
        #expect(!machine.isOpen)
    }

    @Test func `trailers only`() {
        var machine = Machine()
        #expect(machine.received(Self.trailers) == .finish(.ok, Self.none, resets: false))
    }

    @Test func `an answer that is not gRPC ends the call and the stream`() {
        var machine = Machine()
        #expect(
            machine.received(.foreign(Self.foreign))
                == .finish(Self.foreign, Self.none, resets: true))
    }

    @Test func `a second answer is not borne`() {
        var machine = Self.answering()
        guard case .finish(let status, _, true) = machine.received(Self.initial) else {
            Issue.record("goes on")
            return
        }
        #expect(status.code == .internal)
    }

    @Test func `an end without trailers is unknown`() {
        var machine = Self.answering()
        guard case .finish(let status, _, false) = machine.endedWithoutTrailers() else {
            Issue.record("goes on")
            return
        }
        #expect(status.code == .unknown)
    }

    @Test(arguments: [
        (HTTP2ErrorCode.noError, GRPCStatusCode.internal), (.protocolError, .internal),
        (.internalError, .internal), (.flowControlError, .internal),
        (.settingsTimeout, .internal), (.streamClosed, .unknown), (.frameSizeError, .internal),
        (.refusedStream, .unavailable), (.cancel, .cancelled), (.compressionError, .internal),
        (.connectError, .internal), (.enhanceYourCalm, .resourceExhausted),
        (.inadequateSecurity, .permissionDenied), (.http11Required, .unknown),
        (HTTP2ErrorCode(rawValue: 77), .unknown),
    ])
    func `a reset means what the protocol says`(code: HTTP2ErrorCode, status: GRPCStatusCode) {
        var machine = Self.answering()
        guard case .finish(let verdict, _, false) = machine.reset(code, isDeadlineOver: false)
        else {
            Issue.record("goes on")
            return
        }
        #expect(verdict.code == status)
    }

    @Test func `a server that is first to see the deadline does not make it a cancellation`() {
        var machine = Machine()
        #expect(
            machine.reset(.cancel, isDeadlineOver: true)
                == .finish(.deadlineExceeded, Self.none, resets: false))
    }

    @Test func `nothing happens after the verdict`() {
        var machine = Self.answering()
        _ = machine.cut(.deadlineExceeded, resets: true)
        #expect(machine.received(Self.initial) == .none)
        #expect(machine.received(Self.trailers) == .none)
        #expect(machine.received(.foreign(Self.foreign)) == .none)
        #expect(machine.endedWithoutTrailers() == .none)
        #expect(machine.reset(.cancel, isDeadlineOver: false) == .none)
        #expect(machine.cut(.ok, resets: true) == .none)
        #expect(!machine.canSend)
    }

    @Test func `messages end with the half-close`() {
        var machine = Machine()
        #expect(machine.canSend)
        machine.halfClose()
        #expect(!machine.canSend)
        #expect(machine.isOpen)
    }
}
