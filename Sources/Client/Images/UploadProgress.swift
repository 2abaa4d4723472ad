import Reactor

/// One line on the terminal that says how far an upload has come, and nothing where nobody looks.
final class UploadProgress {
    private let upload: ImageUpload
    private let console: Console
    private var timer: TimerID?
    private var hasLine = false
    private var hasEnded = false

    init(of upload: ImageUpload, on console: Console) {
        self.upload = upload
        self.console = console
        guard console.talksToTerminal else { return }
        schedule()
    }

    /// Wipes the line away.
    func end() {
        guard !hasEnded else { return }
        hasEnded = true
        if let timer { console.reactor.cancel(timer) }
        if hasLine { console.write(Self.wipe, to: .standardError) }
    }

    /// Back to the first column, and nothing behind it; ECMA-48, EL.
    private static let wipe = "\r\u{1B}[K"

    private func schedule() {
        timer = console.reactor.schedule(after: Limits.progressInterval) { [weak self] in
            guard let self, !hasEnded else { return }
            hasLine = true
            console.write("\(Self.wipe)cmdctl: \(text)", to: .standardError)
            schedule()
        }
    }

    private var text: String {
        let sent = ByteCount.text(upload.sentByteCount)
        if upload.isAllSent { return "\(sent) sent, the server unpacks" }
        guard let all = upload.byteCount, all > 0 else { return "\(sent) sent" }
        return "\(sent) of \(ByteCount.text(all)) sent (\(upload.sentByteCount * 100 / all) %)"
    }
}
