import SwiftProtobuf
import Testing
import Transport

@testable import Server

/// What came back on one call.
final class RecordedAnswer: GRPCResponseReceiver {
    private(set) var messages: [[UInt8]] = []
    private(set) var status: GRPCStatus?
    /// Opens the window again at once, so that streams of any length arrive.
    var call: GRPCClientCall?

    func receivedHeaders(_ metadata: GRPCMetadata) {}

    func received(_ message: [UInt8]) {
        messages.append(message)
        call?.consumed(message.count)
    }

    func finished(_ status: GRPCStatus, trailers: GRPCMetadata) {
        self.status = status
        call = nil
    }

    /// The one message of a call that succeeded.
    func only<Message: SwiftProtobuf.Message>() throws -> Message {
        #expect(status == .ok)
        #expect(messages.count == 1)
        return try Message(serializedBytes: try #require(messages.first))
    }

    /// All messages so far.
    func all<Message: SwiftProtobuf.Message>() throws -> [Message] {
        try messages.map { try Message(serializedBytes: $0) }
    }

    /// The details of a call that failed.
    func failure() throws -> Details {
        try Details(try #require(status))
    }
}
