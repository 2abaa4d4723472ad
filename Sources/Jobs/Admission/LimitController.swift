/// A part of the kernel that limits one kind of resource, as cgroup.controllers names it.
enum LimitController: String, CaseIterable, Sendable {
    case cpu
    case cpuset
    case io
    case memory
    case pids

    /// The controllers in a file such as cgroup.subtree_control.
    static func parse(_ list: String) -> Set<LimitController> {
        Set(
            list.split { $0 == " " || $0 == "\n" }.compactMap {
                LimitController(rawValue: String($0))
            })
    }
}

/// A limit that was asked for, and what would have to enforce it and is not there.
public struct MissingController: Hashable, Sendable {
    /// Which limit, by its name in the API: `limits.memory_max_bytes`.
    public let field: String
    /// Which controller, by its name in the kernel: `memory`.
    public let controller: String

    /// Says what is missing for what.
    package init(field: String, controller: String) {
        self.field = field
        self.controller = controller
    }

    var sentence: String {
        "\(field) is not enforced: the server's host offers no \(controller) controller to jobs."
    }
}

extension ResourceLimits {
    /// These limits without those that nothing can enforce, and which those are.
    func granted(
        by available: Set<LimitController>
    ) -> (limits: ResourceLimits, missing: [MissingController]) {
        var granted = self
        var missing: [MissingController] = []
        func drop(_ controller: LimitController, _ field: String, _ clear: () -> Void) {
            guard !available.contains(controller) else { return }
            missing.append(MissingController(field: field, controller: controller.rawValue))
            clear()
        }
        if cpuMillis != nil { drop(.cpu, "limits.cpu_millis") { granted.cpuMillis = nil } }
        if cpuWeight != nil { drop(.cpu, "limits.cpu_weight") { granted.cpuWeight = nil } }
        if memoryMax != nil { drop(.memory, "limits.memory_max_bytes") { granted.memoryMax = nil } }
        if memoryHigh != nil {
            drop(.memory, "limits.memory_high_bytes") { granted.memoryHigh = nil }
        }
        if swapMax != nil { drop(.memory, "limits.swap_max_bytes") { granted.swapMax = nil } }
        if pidsMax != nil { drop(.pids, "limits.pids_max") { granted.pidsMax = nil } }
        if !cpus.isEmpty { drop(.cpuset, "limits.cpus") { granted.cpus = "" } }
        if !io.isEmpty { drop(.io, "limits.io") { granted.io = [] } }
        return (granted, missing)
    }
}
