/// What an extended header says of the entry behind it: POSIX.1-2017, pax, "pax Extended Header".
struct PaxRecords: Equatable {
    var path: [UInt8]?
    var linkTarget: [UInt8]?
    var size: UInt64?
    var userID: UInt64?
    var groupID: UInt64?
    var modifiedAt: Int64?
    var isSparse = false

    /// Reads lines of the form `length name=value`; nil for anything else.
    ///
    /// What is not known here is passed over: access times, names of users, extended attributes.
    mutating func read(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            guard let length = Int(String(decoding: digits, as: UTF8.self)),
                length > digits.count + 1, length <= rest.count
            else { return false }
            let line = rest.prefix(length).dropFirst(digits.count)
            guard line.first == 0x20, line.last == 0x0A else { return false }
            let pair = line.dropFirst().dropLast()
            guard let sign = pair.firstIndex(of: UInt8(ascii: "=")) else { return false }
            let name = String(decoding: pair[..<sign], as: UTF8.self)
            guard take(name, Array(pair[(sign + 1)...])) else { return false }
            rest = rest.dropFirst(length)
        }
        return true
    }

    private mutating func take(_ name: String, _ value: [UInt8]) -> Bool {
        switch name {
        case "path": return !value.contains(0) && set(&path, value)
        case "linkpath": return !value.contains(0) && set(&linkTarget, value)
        case "size": return set(&size, Self.number(value))
        case "uid": return set(&userID, Self.number(value))
        case "gid": return set(&groupID, Self.number(value))
        case "mtime": return set(&modifiedAt, Self.seconds(value))
        default:
            if name.hasPrefix("GNU.sparse.") { isSparse = true }
            return true
        }
    }

    private func set<Value>(_ field: inout Value?, _ value: Value?) -> Bool {
        field = value
        return value != nil
    }

    private static func number(_ value: [UInt8]) -> UInt64? {
        UInt64(String(decoding: value, as: UTF8.self))
    }

    /// Parts of a second are cut off.
    private static func seconds(_ value: [UInt8]) -> Int64? {
        Int64(String(decoding: value.prefix { $0 != UInt8(ascii: ".") }, as: UTF8.self))
    }
}
