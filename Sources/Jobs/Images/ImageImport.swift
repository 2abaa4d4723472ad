import Logging
import Reactor
import ShimProtocol

/// One image on its way in: what is received goes to the disk, becomes files, and gets its name.
///
/// Nothing is there under the name before all of it is, and on the disk. Whoever sends waits for
/// ``Piece/then`` with what comes next, so that memory is bounded however slow the disk is.
package final class ImageImport {
    private struct Piece {
        let bytes: [UInt8]
        let then: () -> Void
    }

    private let name: String
    private let format: Image.Format
    private let host: ImageHost
    private let place: String
    private let onEnd: (Result<Image, ImageError>) -> Void
    private var life = ImageImportLife()
    private var archive: HeldFile?
    private var pieces: [Piece] = []
    private var first: [UInt8] = []
    private var digest = SHA256()
    private var byteCount: UInt64 = 0
    private var unpacking: ImageUnpacking?
    private var failure: ImageError?
    private var image: Image?

    init(
        _ name: String, _ format: Image.Format, on host: ImageHost,
        onEnd: @escaping (Result<Image, ImageError>) -> Void
    ) {
        self.name = name
        self.format = format
        self.host = host
        self.onEnd = onEnd
        place = ImageDirectory.hiddenName("import", host.kernel)
    }

    /// Begins; bytes can be given from now on.
    func begin() {
        let (directory, place) = (host.directory, place)
        host.work {
            Result { () throws(Errno) in try directory.make(place) }
        } then: { [self] in
            archive = settle($0)
            perform(life.done(hasBytes: !pieces.isEmpty))
        }
    }

    /// Takes the next piece; `then` is called when there is room for another.
    package func append(_ bytes: [UInt8], then: @escaping () -> Void) {
        guard life.takesBytes else { return then() }
        byteCount += UInt64(bytes.count)
        guard byteCount <= host.limits.imageBytesMax else {
            then()
            return fail(.tooLarge(limit: host.limits.imageBytesMax))
        }
        if first.count < Compression.markSize { first += bytes.prefix(Compression.markSize) }
        pieces.append(Piece(bytes: bytes, then: then))
        perform(life.bytesCame())
    }

    /// There is no more; the end is told.
    package func finish() {
        perform(life.allCame())
    }

    /// Nobody wants the image any more, for this reason; that nothing is left of it is told.
    package func fail(_ error: ImageError) {
        failure = failure ?? error
        perform(life.fail())
    }

    private func perform(_ action: ImageImportLife.Action) {
        switch action {
        case .nothing: break
        case .write: write()
        case .unpack: format == .tar ? unpack() : keep()
        case .stopUnpacking: unpacking?.stop()
        case .publish: publish()
        case .discard: discard()
        case .tell: tell()
        }
    }

    /// Ends a step: what has failed is remembered, and the machine hears of it.
    private func settle<Value>(_ result: Result<Value, Errno>) -> Value? {
        switch result {
        case .success(let value): return value
        case .failure(let error):
            failure = failure ?? ImageError(storing: error, in: host.directory.path)
            _ = life.fail()
            return nil
        }
    }
}

// MARK: - Steps

extension ImageImport {
    private func write() {
        guard let archive else { preconditionFailure("writes to a file that is not there") }
        let batch = pieces
        pieces = []
        let bytes = batch.count == 1 ? batch[0].bytes : batch.flatMap(\.bytes)
        let (kernel, digest) = (host.kernel, digest)
        let place = byteCount - UInt64(bytes.count)
        host.work {
            Result { () throws(Errno) in
                var digest = digest
                try archive.write(bytes, at: place, kernel)
                digest.update(bytes)
                return digest
            }
        } then: { [self] result in
            if let digest = settle(result) { self.digest = digest }
            for piece in batch { piece.then() }
            perform(life.done(hasBytes: !pieces.isEmpty))
        }
    }

    private func unpack() {
        let (directory, place, first) = (host.directory, place, first)
        host.work {
            Result { () throws(ImageError) in try directory.order(place, first) }
        } then: { [self] result in
            switch result {
            case .success(let files): unpack(files)
            case .failure(let error):
                failure = failure ?? error
                perform(life.done(hasBytes: false, failed: true))
            }
        }
    }

    private func unpack(_ files: ArchiveFiles) {
        // Given up while the worker made ready: there was nothing yet to be stopped.
        guard failure == nil else { return made(nil) }
        let order = ImageUnpacking.Order(
            archive: files.archive, root: files.root, decompressor: files.decompressor,
            byteCountMax: host.limits.imageBytesMax, entryCountMax: host.limits.imageFilesMax)
        let unpacking = ImageUnpacking(order, reactor: host.reactor) { [self] result in
            self.unpacking = nil
            switch result {
            case .success(let byteCount): made(byteCount)
            case .failure(let error):
                failure = failure ?? error
                made(nil)
            }
        }
        self.unpacking = unpacking
        unpacking.begin(with: host.program)
    }

    /// A file system stays as it is.
    private func keep() {
        guard let archive, first.starts(with: Compression.squashfsMark) else {
            failure = failure ?? .unusable(problem: "it is no squashfs file system")
            return made(nil)
        }
        let (directory, place) = (host.directory, place)
        host.work {
            Result { () throws(Errno) in try directory.prepareMounting(place, archive) }
        } then: { [self] result in
            made(settle(result).map { byteCount })
        }
    }

    private func made(_ byteCount: UInt64?) {
        if let byteCount {
            image = Image(
                name: name, format: format, byteCount: byteCount,
                createdAt: host.kernel.wallClockNow, digest: digest.finish())
        }
        perform(life.done(hasBytes: false, failed: byteCount == nil))
    }

    private func publish() {
        guard let image else { preconditionFailure("publishes no image") }
        let (directory, place) = (host.directory, place)
        host.work {
            Result { () throws(ImageError) in try directory.bringIn(image, from: place) }
        } then: { [self] result in
            if case .failure(let error) = result { failure = failure ?? error }
            let isThere = (try? result.get()) != nil
            if isThere { failure = nil }
            perform(life.done(hasBytes: false, failed: !isThere))
        }
    }

    private func discard() {
        archive = nil
        for piece in pieces { piece.then() }
        pieces = []
        host.remover.remove(place) { [self] in perform(life.done(hasBytes: false)) }
    }

    private func tell() {
        archive = nil
        if let failure { return onEnd(.failure(failure)) }
        guard let image else { preconditionFailure("an import came to nothing") }
        onEnd(.success(image))
    }
}
