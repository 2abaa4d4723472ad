/// How a job is shut off from the host: namespaces of its own, a root of its own, hardly a privilege.
package struct SandboxPlan: Equatable, Sendable {
    /// Numbers of users or groups in a row.
    package struct IdentityRange: Equatable, Sendable {
        /// What the job's number 0 is on the host.
        package var first: UInt32
        /// How many there are, at least one.
        package var count: UInt32

        package init(first: UInt32, count: UInt32) {
            self.first = first
            self.count = count
        }
    }

    /// What the job has for a root directory.
    package enum Root: Equatable, Sendable {
        /// The host's programs and libraries, read-only, and directories of its own to write to.
        case hostView
        /// A directory of the host, copied on write; what was written ends with the job.
        case image(base: String)
    }

    /// What the job has for a network.
    package enum Network: Equatable, Sendable {
        /// One of its own, with nothing but a loopback interface.
        case none
        /// The host's.
        case host
        /// One of its own, and a way out of it.
        case `private`(PrivateNetwork)
    }

    /// A pair of interfaces between a job's network and the host's, and what lies at their ends.
    package struct PrivateNetwork: Equatable, Sendable {
        /// What the host's end is called.
        package var interface: String
        /// The job's address of version 4; its first byte stands highest.
        package var address: UInt32
        /// The address of the host's end, by way of which the job reaches all others.
        package var gateway: UInt32
        /// What resolv.conf(5) says in the job.
        package var resolver: String

        package init(interface: String, address: UInt32, gateway: UInt32, resolver: String) {
            self.interface = interface
            self.address = address
            self.gateway = gateway
            self.resolver = resolver
        }
    }

    /// One limit of setrlimit(2).
    package struct ResourceLimit: Equatable, Sendable {
        /// The number of the resource, as the kernel has it.
        package var resource: UInt32
        /// What bites.
        package var soft: UInt64
        /// What the soft one may be raised to.
        package var hard: UInt64

        package init(resource: UInt32, soft: UInt64, hard: UInt64) {
            self.resource = resource
            self.soft = soft
            self.hard = hard
        }
    }

    /// The host's users that are the job's, user_namespaces(7).
    package var userIDs: IdentityRange
    /// The host's groups that are the job's.
    package var groupIDs: IdentityRange
    /// What it has for a root directory.
    package var root: Root
    /// What it has for a network.
    package var network: Network
    /// What it is told the machine is called.
    package var hostName: String
    /// How much all that it writes outside its output may take, which is kept in memory.
    package var scratchBytes: UInt64
    /// The capabilities it may ever have, in its own namespaces: a bit for each, capabilities(7).
    package var capabilities: UInt64
    /// Programs of seccomp(2), loaded in this order, each a row of `struct sock_filter`.
    package var systemCallFilters: [[UInt8]]
    /// Limits of the command; the others are the shim's.
    package var resourceLimits: [ResourceLimit]

    package init(
        userIDs: IdentityRange, groupIDs: IdentityRange, root: Root, network: Network,
        hostName: String, scratchBytes: UInt64, capabilities: UInt64,
        systemCallFilters: [[UInt8]], resourceLimits: [ResourceLimit]
    ) {
        self.userIDs = userIDs
        self.groupIDs = groupIDs
        self.root = root
        self.network = network
        self.hostName = hostName
        self.scratchBytes = scratchBytes
        self.capabilities = capabilities
        self.systemCallFilters = systemCallFilters
        self.resourceLimits = resourceLimits
    }
}
