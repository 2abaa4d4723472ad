@testable import Server

/// The configuration file: read, or refused with a sentence.
func fuzzConfiguration(_ input: [UInt8]) {
    let text = String(decoding: input, as: UTF8.self)
    do throws(ConfigurationError) {
        let file = try ConfigurationFile(parsing: text, file: "/etc/cmdctl/cmdctld.yaml")
        let configuration = try Configuration(
            flags: [.certificate: "a", .key: "b", .clientCA: "c"], file: file.values)
        precondition(!configuration.stateDirectory.isEmpty, "an empty path was let through")
    } catch {
        precondition(!error.sentence.isEmpty, "refused without a reason")
    }
}

var configurationSeeds: [[UInt8]] {
    [
        "state_dir: /var/lib/cmdctl\nlisten: \"[::1]:0\"\non_shutdown: stop\nlog_level: debug\n",
        "listen: 0.0.0.0:9090 # everywhere\nshim: ./cmdctl-shim\nbackend: epoll\n",
        "state_dir: 7\n", "statedir: x\n", "listen: [a, {b: &c d}, *c]\n", "a: b\na: c\n",
        "%YAML 1.2\n---\n? !!binary aGk=\n: |\n  text\n...\n", "? - &a *a\n", "\u{FEFF}{}\n",
    ].map { Array($0.utf8) }
}
