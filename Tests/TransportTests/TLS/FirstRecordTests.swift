import Reactor
import Testing

@testable import Transport

/// When a client has said enough to be worth a TLS session.
struct FirstRecordTests {
    /// How many bytes of these have to come before they are handed on.
    private func countNeeded(_ bytes: [UInt8]) -> Int? {
        var record = FirstRecord()
        for (index, byte) in bytes.enumerated() {
            let input = Buffer(capacity: 1)
            input.append([byte])
            if record.gather(input) {
                #expect(input.bytes == Array(bytes[...index]), "nothing is lost")
                return index + 1
            }
            #expect(input.readableCount == 0)
        }
        return nil
    }

    @Test func `a record is handed on when it is whole`() {
        #expect(countNeeded([22, 3, 1, 0, 3, 1, 2, 3, 9]) == 8)
        #expect(countNeeded([22, 3, 1, 0, 3, 1, 2]) == nil)
        #expect(countNeeded([22, 3, 1, 0, 0, 1]) == 5)
    }

    @Test func `what cannot be a handshake is handed on at once`() {
        #expect(countNeeded(Array("EHLO".utf8)) == 1)
        #expect(countNeeded([22, 3, 1, 0x40, 0x01, 1]) == 5, "no record is longer than 2^14")
        #expect(countNeeded([22, 3, 1, 0x40, 0x00, 1]) == nil)
    }

    @Test func `nothing is nothing`() {
        var record = FirstRecord()
        let isComplete = record.gather(Buffer(capacity: 1))
        #expect(!isComplete)
    }
}
