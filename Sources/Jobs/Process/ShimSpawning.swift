import Reactor
import ShimProtocol

/// A shim that was just spawned, on its way from the worker to the loop.
final class SpawnedShim: Sendable {
    let handle: ShimHandle
    /// Where it reports how the start went.
    let status: HeldFile

    init(_ handle: ShimHandle, status: HeldFile) {
        self.handle = handle
        self.status = status
    }
}

/// The birth of a shim: for a worker, because whoever spawns sleeps until the child executes its
/// program, and that takes as long as the host takes to let it.
struct ShimSpawning: Sendable {
    let id: JobID
    let specification: JobSpecification?
    let files: PreparedFiles
    let shimPath: String
    let environment: [String]
    let nursery: Nursery
    let null: HeldFile
    let kernel: any Kernel
    let reached: @Sendable (StopPoint) -> Void

    func run() -> Result<SpawnedShim, StartFailure> {
        do throws(Errno) {
            let status = try kernel.makePipe()
            let shim = ShimHandle(try kernel.spawn(spawn(reportingTo: status.write.raw)))
            reached(.shimSpawned)
            return .success(SpawnedShim(shim, status: HeldFile(status.read)))
        } catch {
            return .failure(
                StartFailure(
                    stage: .supervisor, error: error, detail: "spawning \(shimPath)",
                    specification: specification))
        }
    }

    private func spawn(reportingTo status: Int32) -> ProcessSpawn {
        let descriptors: [(target: Int32, source: Int32)] = [
            (0, files.standardInput?.descriptor.raw ?? null.descriptor.raw),
            (1, null.descriptor.raw),
            (2, 2),
            (ShimDescriptor.plan, files.plan.raw),
            (ShimDescriptor.log, files.log.log.raw),
            (ShimDescriptor.index, files.log.index.raw),
            (ShimDescriptor.status, status),
        ]
        return ProcessSpawn(
            path: shimPath, arguments: ShimSearch.arguments(of: id),
            environment: environment,
            fileActions: descriptors.map { ProcessSpawn.FileAction(target: $0, source: $1) },
            controlGroup: files.shimGroup, nursery: nursery)
    }
}
