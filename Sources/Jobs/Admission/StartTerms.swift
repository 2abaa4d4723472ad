/// What one who starts a job is granted: the bounds of what can be asked for.
package struct StartTerms: Sendable {
    /// How long a job may run that does not say; nil for as long as it wants.
    package var timeoutDefault: Duration?
    /// How long a job may run at most; nil for as long as it wants.
    package var timeoutMax: Duration?
    /// What each job may take at most.
    package var limitCeiling: ResourceLimits
    /// How much output is kept of a job that does not say, and of any job at most; both parts set.
    package var logLimit: LogLimit
    /// What may be asked for.
    package var permissions: StartPermissions

    /// Everything is granted but what is said here.
    package init(
        timeoutDefault: Duration? = nil, timeoutMax: Duration? = nil,
        limitCeiling: ResourceLimits = ResourceLimits(), logLimit: LogLimit = .standard,
        permissions: StartPermissions = StartPermissions()
    ) {
        self.timeoutDefault = timeoutDefault
        self.timeoutMax = timeoutMax
        self.limitCeiling = limitCeiling
        self.logLimit = logLimit
        self.permissions = permissions
    }

    /// How long a job may run, in effect.
    func timeout(of specification: JobSpecification) -> Duration? {
        [specification.timeout ?? timeoutDefault, timeoutMax].compactMap { $0 }.min()
    }

    /// How much of a job's output is kept, in effect.
    func logLimit(of specification: JobSpecification) -> LogLimit {
        let asked = specification.logLimit
        return LogLimit(
            maxBytes: [asked.maxBytes, logLimit.maxBytes].compactMap { $0 }.min(),
            whenFull: asked.whenFull ?? logLimit.whenFull)
    }
}
