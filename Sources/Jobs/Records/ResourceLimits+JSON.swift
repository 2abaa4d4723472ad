/// Limits as they stand on record: objects in which what is not limited is left out.
extension ResourceLimits {
    /// The text; nil where nothing is limited.
    var json: String? {
        guard self != ResourceLimits() else { return nil }
        var writer = JSONWriter()
        write(to: &writer)
        return String(decoding: writer.text, as: UTF8.self)
    }

    /// Reads the text; nil when it describes no limits.
    init?(json: String) {
        do throws(JSONReader.Malformed) {
            var reader = JSONReader(json)
            try self.init(from: &reader)
            try reader.end()
        } catch {
            return nil
        }
    }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("cpuMillis", cpuMillis.map(UInt64.init))
            writer.member("cpuWeight", cpuWeight.map(UInt64.init))
            writer.member("memoryMax", memoryMax)
            writer.member("memoryHigh", memoryHigh)
            writer.member("swapMax", swapMax)
            writer.member("pidsMax", pidsMax.map(UInt64.init))
            if !cpus.isEmpty { writer.member("cpus") { $0.string(cpus) } }
            if !io.isEmpty {
                writer.member("io") { writer in
                    writer.objects(io) { $0.write(to: &$1) }
                }
            }
        }
    }

    init(from reader: inout JSONReader) throws(JSONReader.Malformed) {
        self.init()
        try reader.object { (reader, name) throws(JSONReader.Malformed) in
            switch name {
            case "cpuMillis": cpuMillis = try reader.number()
            case "cpuWeight": cpuWeight = try reader.number()
            case "memoryMax": memoryMax = try reader.number()
            case "memoryHigh": memoryHigh = try reader.number()
            case "swapMax": swapMax = try reader.number()
            case "pidsMax": pidsMax = try reader.number()
            case "cpus": cpus = try reader.string()
            case "io":
                try reader.elements { (reader) throws(JSONReader.Malformed) in
                    io.append(try IOLimit(from: &reader))
                }
            default: try reader.skip()
            }
        }
    }
}

extension ResourceLimits.IOLimit {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { writer in
            if !device.isEmpty { writer.member("device") { $0.string(device) } }
            writer.member("readBytes", readBytes)
            writer.member("writeBytes", writeBytes)
            writer.member("reads", reads)
            writer.member("writes", writes)
        }
    }

    fileprivate init(from reader: inout JSONReader) throws(JSONReader.Malformed) {
        self.init()
        try reader.object { (reader, name) throws(JSONReader.Malformed) in
            switch name {
            case "device": device = try reader.string()
            case "readBytes": readBytes = try reader.number()
            case "writeBytes": writeBytes = try reader.number()
            case "reads": reads = try reader.number()
            case "writes": writes = try reader.number()
            default: try reader.skip()
            }
        }
    }
}

extension LogLimit {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("maxBytes", maxBytes)
            if let whenFull { writer.member("whenFull") { $0.string(whenFull.rawValue) } }
        }
    }

    init(from reader: inout JSONReader) throws(JSONReader.Malformed) {
        self.init()
        try reader.object { (reader, name) throws(JSONReader.Malformed) in
            switch name {
            case "maxBytes": maxBytes = try reader.number()
            case "whenFull":
                guard let known = FullAction(rawValue: try reader.string()) else {
                    throw JSONReader.Malformed()
                }
                whenFull = known
            default: try reader.skip()
            }
        }
    }
}
