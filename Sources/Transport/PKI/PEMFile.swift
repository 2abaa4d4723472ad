import Reactor

/// PEM files: certificates that anyone may read, and keys that hardly anyone may.
enum PEMFile {
    /// Who may read a private key.
    enum Secrecy {
        /// Nobody but its owner: keys of people and of CAs.
        case ownerOnly

        /// Its owner and its group: a daemon's key, which may belong to root and a group.
        case ownerAndGroup

        fileprivate var forbiddenMode: UInt32 {
            switch self {
            case .ownerOnly: 0o077
            case .ownerAndGroup: 0o007
            }
        }
    }

    /// Far more than any chain of certificates; a wrong path must not fill the memory.
    private static let sizeMax = 1 << 20

    /// Reads all certificates of a file, in order; there is at least one.
    static func certificates(
        at path: String, kernel: any Kernel
    ) throws(PEMFileError) -> [Certificate] {
        let certificates = Certificate.all(inPEM: try read(path, kernel: kernel))
        guard !certificates.isEmpty else {
            throw PEMFileError(path: path, problem: .notCertificate)
        }
        return certificates
    }

    /// Reads a private key, if the file's permissions keep it secret.
    static func privateKey(
        at path: String, secrecy: Secrecy, kernel: any Kernel
    ) throws(PEMFileError) -> PrivateKey {
        let bytes = try read(path, forbiddenMode: secrecy.forbiddenMode, kernel: kernel)
        do {
            return try PrivateKey.read(fromPEM: bytes)
        } catch {
            switch error {
            case .encrypted: throw PEMFileError(path: path, problem: .encryptedKey)
            case .notAKey: throw PEMFileError(path: path, problem: .notKey)
            }
        }
    }

    /// Writes a file that must not be there yet; one that cannot be written whole is removed again.
    static func write(
        _ bytes: [UInt8], to path: String, mode: UInt32, kernel: any Kernel
    ) throws(PEMFileError) {
        do throws(Errno) {
            let file = try kernel.openFile(
                path, flags: [.writeOnly, .create, .exclusive, .noFollow], mode: mode)
            try writeAll(bytes, to: file.raw, path: path, kernel: kernel)
        } catch {
            throw PEMFileError(path: path, problem: error == .exists ? .exists : .unwritable(error))
        }
    }

    private static func writeAll(
        _ bytes: [UInt8], to file: Int32, path: String, kernel: any Kernel
    ) throws(Errno) {
        let content = Buffer(capacity: max(1, bytes.count))
        content.append(bytes)
        do throws(Errno) {
            while content.readableCount > 0 {
                let offset = UInt64(bytes.count - content.readableCount)
                let count = try unsafe content.withReadableBytes { (rest) throws(Errno) in
                    try unsafe kernel.writeFileNow(file, at: offset, rest)
                }
                content.consume(count)
            }
        } catch {
            try? kernel.removeFile(path)
            throw error
        }
    }

    /// Reads a whole file.
    ///
    /// The permissions are those of the file that is read, not of one that bore its name before.
    private static func read(
        _ path: String, forbiddenMode: UInt32 = 0, kernel: any Kernel
    ) throws(PEMFileError) -> [UInt8] {
        do {
            // A FIFO or a device would make the caller wait: refused below, once it is open.
            let file = try kernel.openFile(path, flags: [.readOnly, .nonBlocking])
            let status = try kernel.status(of: file.raw)
            guard status.kind == .regular, status.size <= sizeMax else {
                throw PEMFileError(path: path, problem: .notRegular)
            }
            guard status.mode & forbiddenMode == 0 else {
                throw PEMFileError(path: path, problem: .exposedKey(mode: status.mode & 0o777))
            }
            return try readAll(file.raw, size: Int(status.size), kernel: kernel)
        } catch let error as PEMFileError {
            throw error
        } catch let error as Errno {
            throw PEMFileError(
                path: path, problem: error == .noEntry ? .missing : .unreadable(error))
        } catch {
            preconditionFailure("no other error is thrown above: \(error)")
        }
    }

    private static func readAll(
        _ file: Int32, size: Int, kernel: any Kernel
    ) throws(Errno) -> [UInt8] {
        let content = Buffer(capacity: max(1, size))
        while content.readableCount < size {
            let offset = UInt64(content.readableCount)
            let count = try unsafe content.withWritableBytes { (space) throws(Errno) in
                try unsafe kernel.readFileNow(file, at: offset, into: space)
            }
            guard count > 0 else { break }
            content.commit(count)
        }
        return content.bytes
    }
}
