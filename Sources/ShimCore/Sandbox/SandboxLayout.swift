package import ShimProtocol

/// What may not be done through a mount: MOUNT_ATTR_* of mount_setattr(2).
package struct MountRestrictions: OptionSet, Hashable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Nothing can be changed.
    package static let readOnly = MountRestrictions(rawValue: 1 << 0)
    /// No program gains an owner's or a group's privileges.
    package static let noSetUserID = MountRestrictions(rawValue: 1 << 1)
    /// No device node opens a device.
    package static let noDevices = MountRestrictions(rawValue: 1 << 2)
    /// No program can be executed.
    package static let noPrograms = MountRestrictions(rawValue: 1 << 3)
}

/// One thing in a job's root directory.
///
/// Paths in the root have no leading slash. Those of the host are absolute.
package enum RootEntry: Hashable, Sendable {
    /// A directory, there or not.
    case directory(String, mode: UInt32 = 0o755)
    /// A symbolic link.
    case link(String, target: String)
    /// A file of this content, in the place of what may be there.
    case file(String, contents: String)
    /// What a file of the host contains, if everybody may read it.
    case copy(of: String, at: String)
    /// What the host has there, with all that is mounted below.
    case tree(of: String, at: String, MountRestrictions)
    /// A directory of the job's own, to write to.
    case scratch(String, mode: UInt32, MountRestrictions)
    /// A file system of the job's own.
    case fileSystem(FileSystem, at: String, MountRestrictions)

    /// A file system that shows what the job's namespaces have.
    package struct FileSystem: Hashable, Sendable {
        /// An option of its mount.
        package struct Option: Hashable, Sendable {
            package let key: String
            package let value: String?

            package init(_ key: String, _ value: String? = nil) {
                self.key = key
                self.value = value
            }
        }

        package let type: String
        package let options: [Option]

        package init(_ type: String, _ options: [Option]) {
            self.type = type
            self.options = options
        }
    }
}

/// What is in a job's root directory, in the order in which it is made.
///
/// Pure: what the host has is asked through a closure, so the tests are tables.
package struct SandboxLayout: Equatable, Sendable {
    /// What the host has at a path.
    package enum HostEntry: Equatable, Sendable {
        case absent
        case link(target: String)
        case directory
        case file
    }

    /// Whether the root is a copy on write of an image, rather than a directory made for the job.
    package let isImage: Bool
    /// What may not be done through the root's own mount.
    package let restrictions: MountRestrictions
    /// In this order.
    package let entries: [RootEntry]

    package init(_ plan: SandboxPlan, host: (String) -> HostEntry) {
        switch plan.root {
        case .hostView:
            isImage = false
            restrictions = [.readOnly, .noSetUserID, .noDevices]
            entries =
                Self.programs(host) + Self.settings(plan, host) + Self.ownDirectories
                + Self.kernelFiles
        case .image:
            isImage = true
            restrictions = [.noSetUserID, .noDevices]
            entries = Self.imageSettings(plan) + Self.kernelFiles
        }
    }
}
