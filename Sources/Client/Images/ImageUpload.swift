import FoundationEssentials
import JobsAPI
import SwiftProtobuf
import Transport

/// Sends an image, never further ahead than the server and the network keep up with.
final class ImageUpload {
    private(set) var sentByteCount: UInt64 = 0
    private(set) var isAllSent = false
    private var failure: Failure?
    private let source: ImageSource

    init(_ source: ImageSource) {
        self.source = source
    }

    var byteCount: UInt64? { source.bytes.byteCount }

    /// Gives the call what there is, as long as it does not pile up there.
    ///
    /// - Returns: Whether there is more to come.
    func pump(_ call: GRPCClientCall) -> Bool {
        guard !isAllSent, failure == nil else { return false }
        do throws(Failure) {
            while call.unsentByteCount < Limits.imageBytesUnsent {
                switch try source.bytes.next() {
                case .notYet: return true
                case .bytes(let bytes): send(bytes, on: call)
                case .end:
                    call.halfClose()
                    isAllSent = true
                    return false
                }
            }
            return true
        } catch {
            failure = error
            return false
        }
    }

    /// What kept the image from being sent.
    func check() throws(Failure) {
        if let failure { throw failure }
    }

    func close() {
        source.bytes.close()
    }

    private func send(_ bytes: [UInt8], on call: GRPCClientCall) {
        var request = Cmdctl_V1_ImportImageRequest()
        request.data = .init(bytes)
        sentByteCount += UInt64(bytes.count)
        guard let message: [UInt8] = try? request.serializedBytes() else { return }
        call.send(message)
    }
}
