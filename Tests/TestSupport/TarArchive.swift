/// A tar archive made by hand, so that it can say what no honest program would.
package struct TarArchive: Sendable {
    /// What there is so far, without the two blocks that end an archive.
    package private(set) var bytes: [UInt8] = []

    package init() {}

    /// The whole archive.
    package var finished: [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }

    /// Adds an entry; `size` is what its header says, if that is not the truth.
    package mutating func add(
        _ name: String, type: Character = "0", _ content: [UInt8] = [], link: String = "",
        mode: String = "0000644", user: String = "0000000", size: String? = nil, prefix: String = ""
    ) {
        var block = [UInt8](repeating: 0, count: 512)
        let put = { (text: String, place: Int, block: inout [UInt8]) in
            let text = Array(text.utf8)
            block.replaceSubrange(place..<place + text.count, with: text)
        }
        put(name, 0, &block)
        put(mode, 100, &block)
        put(user, 108, &block)
        put("0000000", 116, &block)
        put(size ?? octal(content.count), 124, &block)
        put(octal(1_700_000_000), 136, &block)
        put("        ", 148, &block)
        put(String(type), 156, &block)
        put(link, 157, &block)
        put("ustar", 257, &block)
        put("00", 263, &block)
        put(prefix, 345, &block)
        let sum = block.reduce(0) { $0 + Int($1) }
        put(String(octal(sum).suffix(6)), 148, &block)
        block[154] = 0
        bytes += block + content
        bytes += [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    }

    /// Adds an extended header for the entry behind it.
    package mutating func addRecords(_ records: [(String, String)]) {
        var content: [UInt8] = []
        for (name, value) in records {
            let rest = " \(name)=\(value)\n"
            var length = rest.utf8.count + 1
            while "\(length)\(rest)".utf8.count != length { length += 1 }
            content += Array("\(length)\(rest)".utf8)
        }
        add("PaxHeaders/x", type: "x", content)
    }

    private func octal(_ number: Int) -> String {
        let digits = String(number, radix: 8)
        return String(repeating: "0", count: max(0, 11 - digits.count)) + digits
    }
}
