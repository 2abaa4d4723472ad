import DequeModule
import JobsAPI
import SwiftProtobuf
import Transport

/// Answers what the server's services and messages look like.
///
/// Serves grpc.reflection.v1 and v1alpha: the two are the same but for their name. Questions wait
/// until the caller reads their answers, and only so many of them.
final class ServerReflection: GRPCCallHandler, MessageSource {
    private let call: GRPCServerCall
    private var answers: ReflectionAnswers
    private var questions: Deque<[UInt8]> = []
    private var bytesWaiting = 0
    private var mayBeMore = true

    init(catalog: APICatalog, call: GRPCServerCall) {
        self.call = call
        answers = ReflectionAnswers(catalog: catalog)
    }

    /// Begins to answer; apart from `init` because the call then asks for the first message.
    func start() {
        call.stream(from: self)
    }

    func received(_ message: [UInt8]) {
        bytesWaiting += message.count + Limits.questionOverheadBytes
        guard bytesWaiting <= Limits.questionBytesWaiting else {
            questions = []
            return call.finish(GRPCStatus(.tooManyQuestions))
        }
        questions.append(message)
        call.resume()
    }

    func requestEnded() {
        mayBeMore = false
        call.resume()
    }

    func cancelled(_ reason: GRPCCancellation) {
        questions = []
        mayBeMore = false
    }

    func next() -> NextMessage {
        guard let question = questions.popFirst() else { return mayBeMore ? .notYet : .end(.ok) }
        bytesWaiting -= question.count + Limits.questionOverheadBytes
        guard
            let request = try? Grpc_Reflection_V1_ServerReflectionRequest(
                serializedBytes: question)
        else { return .end(GRPCStatus(.malformedRequest)) }
        guard let bytes: [UInt8] = try? answers.answer(request).serializedBytes() else {
            return .end(GRPCStatus(.internalFault))
        }
        return .message(GRPCMessage(bytes))
    }
}
