import Reactor
import Testing

@testable import Jobs

/// The parts of an import that touch nothing: the hash, the metadata, the names and the machine.
@Suite struct ImagePartsTests {
    /// FIPS 180-4, and NIST's examples.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `the hash is the standard's`(text: String, hash: String) {
        var whole = SHA256()
        whole.update(Array(text.utf8))
        #expect(whole.finish() == hash)
        var pieces = SHA256()
        for byte in text.utf8 { pieces.update([byte]) }
        #expect(pieces.finish() == hash)
    }

    @Test func `a hash does not depend on the pieces`() {
        let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
        var whole = SHA256()
        whole.update(bytes)
        let hash = whole.finish()
        for size in [1, 55, 56, 63, 64, 65, 127, 999] {
            var pieces = SHA256()
            for start in stride(from: 0, to: bytes.count, by: size) {
                pieces.update(Array(bytes[start..<min(start + size, bytes.count)]))
            }
            #expect(pieces.finish() == hash, "\(size)")
        }
    }

    @Test func `metadata is read as it was written`() {
        let image = Image(
            name: "base", format: .squashfs, byteCount: 1 << 40,
            createdAt: Timestamp(nanoseconds: 1_700_000_000_123_456_789), digest: "ab12")
        #expect(Image(name: "base", json: image.json) == image)
        #expect(image.json.last == UInt8(ascii: "\n"))
    }

    @Test(arguments: [
        "", "{}", "[]", "{\"version\":2,\"format\":\"tar\",\"size\":1,\"createdAt\":1}",
        "{\"version\":1,\"format\":\"zip\",\"size\":1,\"createdAt\":1}",
        "{\"version\":1,\"format\":\"tar\",\"createdAt\":1}",
        "{\"version\":1,\"format\":\"tar\",\"size\":1,\"createdAt\":99999999999999999999}",
    ])
    func `metadata of another kind or version is nobody's`(text: String) {
        #expect(Image(name: "base", json: Array(text.utf8)) == nil)
    }

    @Test func `names are those of directories that are not hidden`() {
        let good = ["a", "debian-12.5_x", "A1", String(repeating: "x", count: 63)]
        let bad = ["", ".", "..", ".x", "-x", "a/b", "a b", "é", String(repeating: "x", count: 64)]
        for name in good { #expect(Image.isName(name), "\(name)") }
        for name in bad { #expect(!Image.isName(name), "\(name)") }
    }

    @Test func `an import writes, unpacks and is published in this order`() {
        var life = ImageImportLife()
        #expect(life.bytesCame() == .nothing)
        #expect(life.done(hasBytes: true) == .write)
        #expect(life.bytesCame() == .nothing)
        #expect(life.done(hasBytes: true) == .write)
        #expect(life.done(hasBytes: false) == .nothing)
        #expect(life.bytesCame() == .write)
        #expect(life.allCame() == .nothing)
        #expect(life.done(hasBytes: false) == .unpack)
        #expect(life.done(hasBytes: false) == .publish)
        #expect(life.done(hasBytes: false) == .tell)
        #expect(!life.takesBytes)
    }

    /// How far an import has come when it is given up, and what then happens.
    @Test func `an import that is given up is discarded once its work is done`() {
        var making = ImageImportLife()
        #expect(making.fail() == .nothing)
        #expect(making.done(hasBytes: true) == .discard)
        #expect(making.done(hasBytes: false) == .tell)

        var waiting = ImageImportLife()
        #expect(waiting.done(hasBytes: false) == .nothing)
        #expect(waiting.fail() == .discard)
        #expect(waiting.fail() == .nothing)

        var unpacking = ImageImportLife()
        #expect(unpacking.allCame() == .nothing)
        #expect(unpacking.done(hasBytes: false) == .unpack)
        #expect(unpacking.fail() == .stopUnpacking)
        #expect(unpacking.done(hasBytes: false) == .discard)

        var published = ImageImportLife()
        #expect(published.allCame() == .nothing)
        #expect(published.done(hasBytes: false) == .unpack)
        #expect(published.done(hasBytes: false) == .publish)
        #expect(published.fail() == .nothing)
        #expect(published.done(hasBytes: false) == .tell)
    }

    @Test func `work that fails is discarded`() {
        for steps in 0...2 {
            var life = ImageImportLife()
            #expect(life.allCame() == .nothing)
            for _ in 0..<steps { _ = life.done(hasBytes: false) }
            #expect(life.done(hasBytes: false, failed: true) == .discard, "\(steps)")
            #expect(life.done(hasBytes: false) == .tell)
        }
    }
}
