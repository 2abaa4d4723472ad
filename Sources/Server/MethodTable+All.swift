import Jobs

extension MethodTable {
    /// What the methods work on.
    struct Services {
        let jobs: JobSupervisor
        let policy: StartPolicy
        let health: HealthBoard
        let catalog: APICatalog
        let facts: ServerFacts
        let startShutdown: (_ stoppingJobs: Bool) -> Void
        /// How long nothing of an image may come.
        var importPatience = Limits.importPatience
    }

    /// Every method of every service.
    static func all(_ services: Services) -> MethodTable {
        var table = MethodTable()
        table.addJobMethods(services)
        table.add(
            "cmdctl.v1.AdminService/ShutdownServer",
            ShutdownServer(startShutdown: services.startShutdown), for: .admin)
        table.addImageMethods(services)
        table.addHealthMethods(services.health)
        for version in ["v1", "v1alpha"] {
            table.addReflection(version, services.catalog)
        }
        return table
    }

    private mutating func addJobMethods(_ services: Services) {
        let jobs = services.jobs
        let service = "cmdctl.v1.JobService"
        add("\(service)/StartJob", StartJob(jobs: jobs, policy: services.policy))
        add("\(service)/GetJob", GetJob(jobs: jobs))
        add("\(service)/ListJobs", ListJobs(jobs: jobs))
        add("\(service)/StopJob", StopJob(jobs: jobs))
        add("\(service)/SignalJob", SignalJob(jobs: jobs))
        add("\(service)/UpdateJob", UpdateJob(jobs: jobs, policy: services.policy))
        add("\(service)/PauseJob", PauseJob(jobs: jobs))
        add("\(service)/ResumeJob", ResumeJob(jobs: jobs))
        add("\(service)/ListJobStats", ListJobStats(jobs: jobs))
        add("\(service)/WaitJob", WaitJob(jobs: jobs))
        add("\(service)/DeleteJob", DeleteJob(jobs: jobs))
        add("\(service)/GetOutput", streaming: GetOutput(jobs: jobs))
        add("\(service)/GetServerInfo", GetServerInfo(facts: services.facts, jobs: jobs))
    }

    private mutating func addImageMethods(_ services: Services) {
        let jobs = services.jobs
        let service = "cmdctl.v1.ImageService"
        add("\(service)/ImportImage", for: .admin) { call, _ in
            ImportImage(
                images: jobs.images, reactor: jobs.reactor,
                importPatience: services.importPatience, call: call)
        }
        add("\(service)/ListImages", ListImages(jobs: jobs, policy: services.policy))
        add("\(service)/DeleteImage", DeleteImage(jobs: jobs), for: .admin)
    }

    private mutating func addHealthMethods(_ board: HealthBoard) {
        add("grpc.health.v1.Health/Check", HealthCheck(board: board))
        add("grpc.health.v1.Health/List", HealthList(board: board))
        add("grpc.health.v1.Health/Watch", streaming: HealthWatch(board: board))
    }

    private mutating func addReflection(_ version: String, _ catalog: APICatalog) {
        add("grpc.reflection.\(version).ServerReflection/ServerReflectionInfo") { call, _ in
            let handler = ServerReflection(catalog: catalog, call: call)
            handler.start()
            return handler
        }
    }
}
