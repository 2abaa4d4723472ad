@testable import Transport

/// Handles a call of a method that takes exactly one request message, whatever it answers.
///
/// The work begins when the caller has sent its one message and said that this was all. None, or
/// more than one, is answered UNIMPLEMENTED, as a method of such a shape does not exist here. (gRPC
/// documentation, statuscodes, "request cardinality violation".)
final class SingleRequestCall: GRPCCallHandler {
    /// The way to answer.
    let call: GRPCServerCall

    /// Called if the call ends before it was finished here; by then there is nobody to answer.
    var onCancel: ((GRPCCancellation) -> Void)?

    private var perform: ((SingleRequestCall, [UInt8]) -> Void)?
    private var request: [UInt8]?

    /// Collects the request of `call` and then performs it.
    ///
    /// - Parameters:
    ///   - call: what is to be handled.
    ///   - perform: does the work, now or later; ends with `answer`, `fail` or a source's end.
    init(
        _ call: GRPCServerCall, perform: @escaping (SingleRequestCall, [UInt8]) -> Void
    ) {
        self.call = call
        self.perform = perform
    }

    /// Answers with one message, and success.
    func answer(_ message: [UInt8]) {
        call.send(GRPCMessage(message))
        call.finish(.ok)
    }

    /// Answers with a status alone.
    func fail(_ status: GRPCStatus) {
        call.finish(status)
    }

    /// Takes the one message; a second one ends the call.
    func received(_ message: [UInt8]) {
        guard request == nil else {
            return fail(GRPCStatus(.unimplemented, "the method takes one request, not more"))
        }
        request = message
    }

    /// Begins the work.
    func requestEnded() {
        guard let request else {
            return fail(GRPCStatus(.unimplemented, "the method takes one request, not none"))
        }
        let perform = perform
        self.perform = nil
        self.request = nil
        perform?(self, request)
    }

    /// Passes the news on.
    func cancelled(_ reason: GRPCCancellation) {
        request = nil
        onCancel?(reason)
    }

    /// The message that waits for the request's end.
    var heldByteCount: Int { request?.count ?? 0 }

    /// Nothing is done before it.
    var awaitsRequestEnd: Bool { true }

    /// Lets go of closures that probably hold this object.
    func released() {
        perform = nil
        onCancel = nil
    }
}
