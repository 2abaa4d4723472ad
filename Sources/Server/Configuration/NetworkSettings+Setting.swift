import Jobs
import Netlink

extension NetworkSettings {
    /// Reads the pool as people write it, `10.211.0.0/16`; nil for what is none.
    init?(parsingSetting text: String, resolvers: [IPv4Address]) {
        guard let pool = IPv4Block(parsing: text) else { return nil }
        self.init(pool: pool, resolvers: resolvers)
    }

    /// Reads addresses with commas between them; nil for what is none.
    static func resolvers(parsingSetting text: String) -> [IPv4Address]? {
        let words = text.split(separator: ",").map { $0.drop { $0 == " " } }
        let addresses = words.compactMap { IPv4Address(parsing: $0) }
        return addresses.count == words.count ? addresses : nil
    }
}
