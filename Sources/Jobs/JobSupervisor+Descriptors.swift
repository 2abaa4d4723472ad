extension JobSupervisor {
    /// What holds descriptors now.
    var holdings: StartAdmission.Holdings {
        StartAdmission.Holdings(
            liveJobs: live.count - gate.queue.count, openLogs: host.openLogs.count,
            imports: images.incomingCount)
    }

    /// Has logs and images ask before they take what jobs need.
    func shareDescriptors() {
        host.openLogs.checkRoom = { [weak self] () throws(JobError) in
            guard let self else { return }
            try admission.checkLog(beside: holdings)
        }
        images.checkDescriptors = { [weak self] () throws(JobError) in
            guard let self else { return }
            try admission.checkImport(beside: holdings)
        }
    }
}
