@testable import Netlink
import Testing

/// Messages byte for byte, as the headers of the kernel lay them out.
struct EncodingTests {
    private let gateway = IPv4Address(number: 0x0AD3_0001)
    private let address = IPv4Address(number: 0x0AD3_0102)

    private func hexadecimal(_ message: NetlinkMessage) -> [String] {
        let bytes = message.encoded(sequence: 7)
        return stride(from: 0, to: bytes.count, by: 4).map { start in
            bytes[start..<min(start + 4, bytes.count)].map {
                String($0 >> 4, radix: 16) + String($0 & 15, radix: 16)
            }.joined()
        }
    }

    @Test func `a message begins with its size, type, flags and sequence`() {
        #expect(
            hexadecimal(.raise(3)) == [
                "20000000", "10000500", "07000000", "00000000",
                "00000000", "03000000", "01000000", "01000000",
            ])
    }

    @Test func `an interface is removed by its name`() {
        #expect(
            hexadecimal(.removeInterface("cmdctl1")).dropFirst(8) == [
                "0c000300", "636d6463", "746c3100",
            ])
    }

    @Test func `a pair is described with its other end, in its namespace, inside`() {
        #expect(
            hexadecimal(.makePair("a", peer: "eth0", inNamespaceOf: 258)) == [
                "64000000", "10000506", "07000000", "00000000",
                "00000000", "00000000", "00000000", "00000000",
                // Its name.
                "06000300", "61000000",
                // What it is, and what the other end is.
                "3c001280", "09000100", "76657468", "00000000", "2c000280",
                // struct ifinfomsg, its name, and whose namespace.
                "28000100", "00000000", "00000000", "00000000", "00000000",
                "09000300", "65746830", "00000000", "08001300", "02010000",
            ])
    }

    @Test func `an address has another one at its other end`() {
        #expect(
            hexadecimal(.addAddress(gateway, to: 3, peer: address)).dropFirst(4) == [
                "02200000", "03000000", "08000200", "0ad30001", "08000100", "0ad30102",
            ])
    }

    @Test func `the default route goes by the gateway`() {
        #expect(
            hexadecimal(.addDefaultRoute(through: 2, by: gateway)).dropFirst(4) == [
                "02000000", "fe030001", "00000000", "08000400", "02000000", "08000500", "0ad30001",
            ])
    }

    @Test func `no address of version 6 is a setting of that family`() {
        #expect(
            hexadecimal(.withholdVersionSix(from: 2)).dropFirst(8) == [
                "10001a80", "0c000a80", "05000800", "01000000",
            ])
    }

    @Test func `a table is replaced between two marks, and the last rule is acknowledged`() {
        let chain = FilterChain(
            "input", at: .input, kind: .filter, priority: -1,
            [FilterRule([.arrivedBy("x")], .drop)])
        let messages = FilterTable("t", [chain]).installation
        #expect(
            messages.map(\.type) == [16, 0x0A00, 0x0A02, 0x0A00, 0x0A03, 0x0A06, 17])
        #expect(messages.last?.flags == [.request])
        #expect(messages.dropLast().last?.flags.contains(.acknowledge) == true)
        #expect(
            hexadecimal(messages[4]).dropFirst(4) == [
                "01000000", "06000100", "74000000",
                "0a000300", "696e7075", "74000000",
                "14000480", "08000100", "00000001", "08000200", "ffffffff",
                "0b000700", "66696c74", "65720000",
            ])
        #expect(
            hexadecimal(messages[5]).dropFirst(10) == [
                "84000480",
                // Load the name of the interface that the packet came by.
                "24000180", "09000100", "6d657461", "00000000", "14000280",
                "08000100", "00000001", "08000200", "00000006",
                // Compare one byte of it.
                "2c000180", "08000100", "636d7000", "20000280", "08000100", "00000001",
                "08000200", "00000000", "0c000380", "05000100", "78000000",
                // Drop.
                "30000180", "0e000100", "696d6d65", "64696174", "65000000", "1c000280",
                "08000100", "00000000", "10000280", "0c000280", "08000100", "00000000",
            ])
    }
}
