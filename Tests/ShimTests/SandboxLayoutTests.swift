import ShimCore
import ShimProtocol
import Testing

/// What is in a sandbox's root, as tables: no kernel takes part.
struct SandboxLayoutTests {
    /// As Debian has it since version 12.
    private static let merged: [String: SandboxLayout.HostEntry] = [
        "/usr": .directory, "/bin": .link(target: "usr/bin"), "/lib": .link(target: "usr/lib"),
        "/etc/ssl/certs": .directory, "/etc/ld.so.cache": .file, "/etc/passwd": .file,
        "/etc/shadow": .file, "/etc/resolv.conf": .link(target: "/run/resolv.conf"),
    ]

    private func layout(
        _ change: (inout SandboxPlan) -> Void = { _ in },
        host: [String: SandboxLayout.HostEntry] = merged
    ) -> SandboxLayout {
        var plan = SandboxPlan.specimen
        change(&plan)
        return SandboxLayout(plan) { host[$0] ?? .absent }
    }

    private func sources(_ layout: SandboxLayout) -> Set<String> {
        Set(
            layout.entries.compactMap {
                switch $0 {
                case .copy(let source, _), .tree(let source, _, _): source
                case .directory, .link, .file, .scratch, .fileSystem: nil
                }
            })
    }

    @Test func `a host whose programs are all in usr is shown as it is`() {
        let entries = layout().entries
        #expect(entries.contains(.link("bin", target: "usr/bin")))
        #expect(entries.contains(.link("lib", target: "usr/lib")))
        #expect(!entries.contains { $0 == .directory("sbin") })
    }

    @Test func `a host with programs elsewhere shows them, too`() {
        let host: [String: SandboxLayout.HostEntry] = ["/usr": .directory, "/bin": .directory]
        #expect(sources(layout(host: host)).isSuperset(of: ["/usr", "/bin"]))
    }

    @Test func `nothing of the host can be written to`() {
        for case .tree(_, _, let restrictions) in layout().entries {
            #expect(restrictions.isSuperset(of: [.readOnly, .noSetUserID]))
        }
        #expect(layout().restrictions.contains(.readOnly))
    }

    @Test func `of the host there are programs, devices and public settings, and no more`() {
        let devices = ["full", "null", "random", "tty", "urandom", "zero"].map { "/dev/\($0)" }
        #expect(
            sources(layout()) == Set(["/usr", "/etc/ssl/certs", "/etc/ld.so.cache"] + devices))
    }

    @Test func `users are the job's own`() {
        let files = layout().entries.compactMap { entry -> String? in
            if case .file(let path, _) = entry, path.hasPrefix("etc/") { path } else { nil }
        }
        #expect(files == ["etc/passwd", "etc/group", "etc/hostname", "etc/hosts"])
    }

    @Test func `names are resolved as on the host only by those who can reach somebody`() {
        let resolver = RootEntry.copy(of: "/etc/resolv.conf", at: "etc/resolv.conf")
        #expect(!layout().entries.contains(resolver))
        #expect(layout { $0.network = .host }.entries.contains(resolver))
        let planned = RootEntry.file("etc/resolv.conf", contents: "nameserver 192.0.2.53\n")
        for root in [SandboxPlan.Root.hostView, .image(base: "/images/tools")] {
            let entries = layout {
                $0.network = .private(.specimen)
                $0.root = root
            }.entries
            #expect(entries.contains(planned))
            #expect(!entries.contains(resolver))
        }
    }

    @Test func `an image brings its own programs and may be changed`() {
        let image = layout { $0.root = .image(base: "/images/tools") }
        #expect(image.isImage)
        #expect(!image.restrictions.contains(.readOnly))
        #expect(sources(image).allSatisfy { $0.hasPrefix("/dev/") })
    }

    @Test(arguments: [SandboxPlan.Root.hostView, .image(base: "/images/tools")])
    func `the kernel shows processes and nothing else`(root: SandboxPlan.Root) throws {
        let entries = layout { $0.root = root }.entries
        let processes = try #require(
            entries.compactMap { entry -> RootEntry.FileSystem? in
                if case .fileSystem(let fileSystem, "proc", _) = entry { fileSystem } else { nil }
            }.first)
        #expect(processes.options.contains(RootEntry.FileSystem.Option("subset", "pid")))
        #expect(processes.options.contains(RootEntry.FileSystem.Option("hidepid", "invisible")))
    }

    /// Whatever lies on a directory comes after it.
    @Test func `parents come before what is in them`() {
        var made: Set<String> = []
        for entry in layout(host: Self.merged.merging(["/etc/alternatives": .directory]) { $1 })
            .entries
        {
            let path = entry.path
            if let slash = path.lastIndex(of: "/") {
                #expect(made.contains(String(path[..<slash])), "\(path)")
            }
            made.insert(path)
        }
    }
}

extension RootEntry {
    fileprivate var path: String {
        switch self {
        case .directory(let path, _), .link(let path, _), .file(let path, _), .copy(_, let path),
            .tree(_, let path, _), .scratch(let path, _, _), .fileSystem(_, let path, _):
            path
        }
    }
}
