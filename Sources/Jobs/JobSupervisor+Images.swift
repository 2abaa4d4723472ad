extension JobSupervisor {
    /// The live jobs that use an image, by its name.
    package func jobs(usingImage name: String) -> [Job] {
        live.values.map(\.job).filter { $0.specification?.image == name }
            .sorted { $0.id < $1.id }
    }

    /// How many live jobs that a viewer may see use each image that they use.
    package func jobCountsByImage(for viewer: Viewer) -> [String: Int] {
        live.values.reduce(into: [:]) { counts, live in
            guard let image = live.job.specification?.image, !live.job.isHidden,
                viewer.maySee(jobsOf: live.job.owner)
            else { return }
            counts[image, default: 0] += 1
        }
    }

    /// Deletes an image that no live job uses.
    package func deleteImage(
        _ name: String, then: @escaping (Result<Void, JobError>) -> Void
    ) {
        do throws(ImageError) {
            let image = try images.image(named: name)
            let users = jobs(usingImage: name)
            guard users.isEmpty else { throw .inUse(name: name, jobs: users.map(\.id)) }
            images.delete(image) { then($0.mapError(JobError.image)) }
        } catch {
            then(.failure(.image(error)))
        }
    }

    /// Refuses a job whose image is not there.
    ///
    /// Of the others only those are named that its owner may have.
    func checkImage(
        of specification: JobSpecification, within permissions: StartPermissions
    ) throws(JobError) {
        guard let name = specification.image else { return }
        do throws(ImageError) {
            _ = try images.rootPath(of: name)
        } catch .notFound(let name, let available) {
            let allowed = available.filter { permissions.allows(image: $0) }
            throw .image(.notFound(name: name, available: allowed))
        } catch {
            throw .image(error)
        }
    }
}
