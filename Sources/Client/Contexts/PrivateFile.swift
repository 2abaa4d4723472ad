import Reactor

/// A small file that is nobody else's business.
struct PrivateFile {
    let path: String
    let kernel: any Kernel

    /// The whole text, or nil when there is no such file.
    func read() throws(Failure) -> String? {
        do throws(Errno) {
            let bytes = try kernel.contents(of: path, sizeMax: Limits.contextFileBytes)
            return String(decoding: bytes, as: UTF8.self)
        } catch .noEntry {
            return nil
        } catch {
            throw .local("cannot read \(path): \(error)")
        }
    }

    /// Replaces the text in one step: a reader sees the old file or the new one. rename(2)
    ///
    /// A symbolic link stays: in its place there would be a file that nobody put there, and where it
    /// leads the old text, which people would go on to keep in order.
    func write(_ text: String) throws(Failure) {
        try refuseLink()
        let random = kernel.fillRandom(8).map { String($0, radix: 16) }.joined()
        let draft = "\(path).\(random)"
        do {
            try makeDirectories()
            try write(Array(text.utf8), toNew: draft)
            try kernel.rename(draft, to: path)
        } catch {
            // Whatever it was, it is of no use now; that it may not be there is no news.
            try? kernel.removeFile(draft)
            throw .local(
                "cannot write \(path): \(error)",
                remedy: "Make its directory writable, or set XDG_CONFIG_HOME to one that is.")
        }
    }

    private func refuseLink() throws(Failure) {
        do throws(Errno) {
            _ = try kernel.openFile(path, flags: [.readOnly, .noFollow])
        } catch .tooManyLinks {
            throw .local(
                "cannot write \(path): it is a symbolic link, which would be replaced",
                remedy: "Put the file itself there, or set XDG_CONFIG_HOME to a directory that has "
                    + "it as cmdctl/contexts.yaml.")
        } catch {
            // It is not there yet; whatever else is wrong is found on the way.
        }
    }

    private func write(_ bytes: [UInt8], toNew path: String) throws(Errno) {
        let file = try kernel.openFile(path, flags: [.writeOnly, .create, .exclusive], mode: 0o600)
        let buffer = Buffer(capacity: max(1, bytes.count))
        buffer.append(bytes)
        while buffer.readableCount > 0 {
            let offset = UInt64(bytes.count - buffer.readableCount)
            let written = try buffer.withReadableBytes { rest throws(Errno) in
                try kernel.writeFileNow(file.raw, at: offset, rest)
            }
            buffer.consume(written)
        }
        try kernel.synchronize(file.raw)
    }

    private func makeDirectories() throws(Errno) {
        var directory = ""
        for part in path.split(separator: "/").dropLast() {
            directory += "/\(part)"
            do {
                try kernel.makeDirectory(directory, mode: 0o700)
            } catch .exists {
                continue
            }
        }
    }
}
