import Reactor
import SwiftProtobuf
import Testing
import Transport

/// Something to make calls on, and to turn the loop of.
protocol CallBench: AnyObject {
    var reactor: Reactor { get }

    /// Moves what does not move by itself; called before and after each turn.
    func settle() throws
}

extension CallBench {
    func settle() throws {}

    /// Begins a call with these messages, and leaves its request open.
    func begin(
        _ path: String, _ messages: [[UInt8]], over client: GRPCClientConnection
    ) -> (GRPCClientCall, RecordedAnswer) {
        let answer = RecordedAnswer()
        let call = client.call(path, receiver: answer)
        answer.call = call
        for message in messages { call.send(message) }
        return (call, answer)
    }

    /// Makes a call of one message and waits for its end.
    func call(
        _ path: String, _ message: any SwiftProtobuf.Message, over client: GRPCClientConnection
    ) throws -> RecordedAnswer {
        try call(path, [try message.serializedBytes()], over: client)
    }

    /// Makes a call of any bytes and waits for its end.
    func call(
        _ path: String, _ messages: [[UInt8]], over client: GRPCClientConnection
    ) throws -> RecordedAnswer {
        let (call, answer) = begin(path, messages, over: client)
        call.halfClose()
        try turn { answer.status != nil }
        return answer
    }

    /// Turns the loop until something holds; the test's time limit bounds it.
    func turn(until isDone: () -> Bool) throws {
        // A turn may sleep, and no time limit wakes it.
        var isLate = false
        let alarm = reactor.schedule(after: .seconds(60)) { isLate = true }
        try settle()
        while !isDone() {
            try #require(!isLate, "nothing happened any more")
            try reactor.turn()
            try settle()
        }
        reactor.cancel(alarm)
    }
}
