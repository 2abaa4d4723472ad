import Netlink
import ShimProtocol

extension JobID {
    /// How names of interfaces of jobs begin.
    static let interfacePrefix = "cmdctl"

    /// What the host's end of the job's private network is called.
    ///
    /// That is the prefix, and the last digits of the identifier, which are drawn by lot. Names have at
    /// most 15 bytes.
    var interfaceName: String { Self.interfacePrefix + "\(self)".suffix(9) }
}

extension FilterTable {
    /// The name of a supervisor's table, by the directory that is its alone.
    private static func name(of stateDirectory: String) -> String {
        let sum = CRC32C.checksum(of: Array(stateDirectory.utf8))
        return "cmdctl-" + String(sum, radix: 16)
    }

    /// What holds for all private networks of a supervisor, however many there are: the rules speak of
    /// interfaces by the beginning of their names, so no job needs one of its own.
    static func privateNetworks(
        _ settings: NetworkSettings, stateDirectory: String
    ) -> FilterTable {
        FilterTable(name(of: stateDirectory), [arriving, input, forward(settings.pool), leaving])
    }

    private static let fromJob = FilterRule.Condition.arrivedBy(JobID.interfacePrefix)
    private static let toJob = FilterRule.Condition.leavesBy(JobID.interfacePrefix)

    /// Nobody speaks in another's name.
    ///
    /// Before connections are tracked, NF_IP_PRI_RAW.
    private static let arriving = FilterChain(
        "arriving", at: .arriving, kind: .filter, priority: -300,
        [FilterRule([fromJob, .hasForgedSender], .drop)])

    /// The host's own services are not for jobs, by whichever of its addresses.
    private static let input = FilterChain(
        "input", at: .input, kind: .filter, priority: 0, [FilterRule([fromJob], .refuse)])

    /// Out, but not to each other nor to where clouds keep their secrets; and in only what answers.
    private static func forward(_ pool: IPv4Block) -> FilterChain {
        FilterChain(
            "forward", at: .forward, kind: .filter, priority: 0,
            [
                FilterRule([fromJob, .isVersionSix], .drop),
                FilterRule([fromJob, toJob], .refuse),
                FilterRule([fromJob, .goesTo(.linkLocal)], .refuse),
                FilterRule([fromJob, .goesTo(pool)], .refuse),
                FilterRule([fromJob], .accept),
                FilterRule([toJob, .isAnswer], .accept),
                FilterRule([toJob], .drop),
            ])
    }

    /// What leaves has the host's address; NF_IP_PRI_NAT_SRC.
    private static let leaving = FilterChain(
        "leaving", at: .leaving, kind: .nat, priority: 100, [FilterRule([fromJob], .masquerade)])
}
