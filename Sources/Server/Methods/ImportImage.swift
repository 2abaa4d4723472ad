import Jobs
import JobsAPI
import Reactor
import SwiftProtobuf
import Transport

/// Takes in an image, piece by piece, and answers when it can be used; for admins.
///
/// The client may send only what the disk keeps up with: a piece counts against its window until it
/// is written.
final class ImportImage: GRPCCallHandler {
    private let images: ImageStore
    private let reactor: Reactor
    private let call: GRPCServerCall
    private let importPatience: Duration
    private var upload: ImageImport?
    private var isOver = false
    private var patience: TimerID?
    private var waitingByteCount = 0

    init(
        images: ImageStore, reactor: Reactor, importPatience: Duration, call: GRPCServerCall
    ) {
        self.images = images
        self.importPatience = importPatience
        self.reactor = reactor
        self.call = call
    }

    var pacesRequest: Bool { true }

    var heldByteCount: Int { waitingByteCount }

    func received(_ message: [UInt8]) {
        guard !isOver else { return call.consumed(message.count) }
        guard let request = try? Cmdctl_V1_ImportImageRequest(serializedBytes: message) else {
            return refuse(.malformedRequest)
        }
        waitPatiently()
        switch (request.part, upload) {
        case (.head(let head)?, nil):
            begin(head)
            call.consumed(message.count)
        case (.data(let data)?, let upload?):
            take([UInt8](data), of: upload, messageSize: message.count)
        default:
            refuse(Self.violation("part", "First comes one head, and then data and nothing else."))
        }
    }

    func requestEnded() {
        guard !isOver else { return }
        stopWaiting()
        guard let upload else { return refuse(Self.violation("head", "There is none.")) }
        upload.finish()
    }

    func cancelled(_ reason: GRPCCancellation) {
        end()
    }

    func released() {
        end()
    }

    private func begin(_ head: Cmdctl_V1_ImageHead) {
        do throws(CallError) {
            let format = try Image.Format(head.format)
            do throws(JobError) {
                upload = try images.beginImport(head.name, format) { [weak self] result in
                    self?.imported(result)
                }
            } catch {
                throw .job(error)
            }
        } catch {
            refuse(error)
        }
    }

    private func take(_ bytes: [UInt8], of upload: ImageImport, messageSize: Int) {
        guard bytes.count <= Limits.imagePieceBytesMax else {
            return refuse(
                Self.violation("data", "It has at most \(Limits.imagePieceBytesMax) bytes."))
        }
        waitingByteCount += messageSize
        upload.append(bytes) { [weak self] in
            guard let self else { return }
            waitingByteCount -= messageSize
            call.consumed(messageSize)
        }
    }

    private func imported(_ result: Result<Image, ImageError>) {
        guard !isOver else { return }
        switch result {
        case .success(let image):
            let response = Cmdctl_V1_ImportImageResponse.with { $0.image = .init(image) }
            guard let bytes: [UInt8] = try? response.serializedBytes() else {
                return refuse(.internalFault)
            }
            call.send(GRPCMessage(bytes))
            finish(.ok)
        case .failure(let error):
            finish(GRPCStatus(.job(.image(error))))
        }
    }

    private func refuse(_ error: CallError) {
        finish(GRPCStatus(error))
    }

    private func finish(_ status: GRPCStatus) {
        end()
        call.finish(status)
    }

    /// Whatever has come of an image that is not done is of no use any more.
    private func end() {
        isOver = true
        stopWaiting()
        upload?.fail(.stalled)
        upload = nil
    }

    private static func violation(_ field: String, _ description: String) -> CallError {
        .badRequest([FieldViolation(field: field, description: description)])
    }
}

// MARK: - Patience

extension ImportImage {
    /// A client that sends nothing holds the place of others.
    private func waitPatiently() {
        stopWaiting()
        patience = reactor.schedule(after: importPatience) { [weak self] in
            guard let self, !isOver else { return }
            // It is the disk that is slow, and not the client.
            guard waitingByteCount == 0 else { return waitPatiently() }
            refuse(.job(.image(.stalled)))
        }
    }

    private func stopWaiting() {
        if let patience { reactor.cancel(patience) }
        patience = nil
    }
}
