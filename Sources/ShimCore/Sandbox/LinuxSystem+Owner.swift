import CLinux
import Glibc
import ShimProtocol

extension LinuxSystem {
    /// Gives birth to the first process of a sandbox as the user to whom its namespaces shall belong,
    /// which is whoever makes them.
    ///
    /// What the kernel counts for each user, as files that are watched or signals that wait, it also
    /// counts for the owner of the user's namespace; namespaces(7), user_namespaces(7). If that were
    /// root, one job could use up what there is for root, and for the jobs of all tenants.
    ///
    /// The owner may do anything in its namespaces, but it is a user that nobody on the host is.
    func asOwner(
        of plan: SandboxPlan?, _ birth: () throws(StartFailure) -> Int32
    ) throws(StartFailure) -> Int32 {
        guard let plan else { return try birth() }
        guard IdentityMaps.needsPrivilege(plan) else { return try visibly(birth) }
        try at(.namespaces, "owner") { clinux_act_as(plan.userIDs.first) }
        // A change of user undoes that where fs.suid_dumpable says so, proc_sys_fs(5).
        hideFromOtherProcesses()
        defer {
            let isItself = clinux_act_as(getuid()) == 0
            precondition(isItself, "setresuid(2) always allows the real user")
            hideFromOtherProcesses()
        }
        return try birth()
    }

    /// What is hidden passes that on, and root alone may then say who its users are, proc(5).
    ///
    /// So without privileges the first process is born visible, and hides itself before anything of
    /// the job runs. Who has our user can look at it until then, which is no more than such a
    /// server's jobs can do to it anyway.
    private func visibly(
        _ birth: () throws(StartFailure) -> Int32
    ) throws(StartFailure) -> Int32 {
        _ = clinux_process_control(PR_SET_DUMPABLE, 1)
        defer { hideFromOtherProcesses() }
        return try birth()
    }
}
