import Transport

extension Endpoint {
    /// The port cmdctld's documentation uses.
    static let defaultPort: UInt16 = 9090

    /// Reads the address of a server, which may go without its port: `localhost`, `[::1]:9090`.
    init(ofServer text: String) throws(Failure) {
        let hasPort = text.contains(":") && !text.hasSuffix("]")
        do {
            try self.init(hasPort ? text : "\(text):\(Self.defaultPort)")
        } catch {
            throw .usage(
                "'\(text)' is not the address of a server",
                remedy: "Write a name or an address and a port: localhost:9090 or [::1]:9090.")
        }
    }
}
