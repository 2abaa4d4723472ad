import Foundation
import Testing

/// cmdctl as its users type it.
@Suite(.timeLimit(.minutes(10)))
struct CommandLineTests {
    let daemon: Daemon

    init() throws { daemon = try Daemon() }

    @Test func `run prints the identifier and nothing else`() throws {
        let finished = try daemon.cmdctl("run", "--", "true")
        #expect(
            finished.text.wholeMatch(of: #/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\n/#) != nil)
        #expect(finished.errorText == "")
        #expect(Array(finished.line)[14] == "7", "a UUID of version 7")
    }

    @Test(arguments: [
        ["run", "--follow", "echo", "-n", "hi"], ["run", "--follow", "--", "echo", "-n", "hi"],
        ["run", "--follow", "--shell", "echo -n hi"],
        ["run", "--follow", "--shell", "printf %s \"$MINE\"", "--env", "MINE=hi"],
        ["run", "--follow", "--cwd", "/tmp", "--", "sh", "-c", "test $PWD = /tmp && printf hi"],
        ["run", "--follow", "--isolation", "host", "--", "head", "-n1", "--", "hi.txt"],
    ])
    func `a command is taken as it stands`(arguments: [String]) throws {
        let file = try daemon.directory.write("hi", to: "hi.txt")
        let finished = try daemon.start(arguments.map { $0 == "hi.txt" ? file : $0 }).finish()
        #expect(finished.text == "hi", "\(finished)")
        #expect(finished.code == 0, "\(finished)")
    }

    @Test func `the job's own -- is the job's`() throws {
        let finished = try daemon.cmdctl("run", "--follow", "--", "printf", "%s|", "--", "--", "-x")
        #expect(finished.text == "--|--|-x|", "\(finished)")
    }

    @Test func `global flags work before and after the verb`() throws {
        let flags = ["--server", daemon.address] + daemon.alice.flags
        for arguments in [flags + ["list"], ["list"] + flags, ["ls", "-o", "json"] + flags] {
            let finished = try RunningProgram(Spawn(path: Programs.cmdctl, arguments: arguments))
                .finish()
            #expect(finished.code == 0, "\(finished)")
        }
    }

    @Test func `the environment stands in for the flags`() throws {
        let finished = try RunningProgram(
            Spawn(
                path: Programs.cmdctl, arguments: ["list"],
                environment: [
                    "CMDCTL_SERVER": daemon.address, "CMDCTL_CACERT": daemon.alice.authority,
                    "CMDCTL_CERT": daemon.alice.certificate, "CMDCTL_KEY": daemon.alice.key,
                ])
        ).finish()
        #expect(finished.code == 0, "\(finished)")
    }

    @Test func `a login is remembered, used and forgotten`() throws {
        let environment = ["XDG_CONFIG_HOME": daemon.directory.path("config")]
        func cmdctl(_ arguments: [String]) throws -> Finished {
            try RunningProgram(
                Spawn(path: Programs.cmdctl, arguments: arguments, environment: environment)
            ).finish()
        }
        let login = try cmdctl(
            ["auth", "login", daemon.address, "--name", "here"] + daemon.alice.flags)
        #expect(login.code == 0, "\(login)")
        let listing = try cmdctl(["list"])
        #expect(listing.code == 0, "\(listing)")
        #expect(try cmdctl(["auth", "list"]).text.contains("here"))
        #expect(try cmdctl(["auth", "use", "here"]).code == 0)
        #expect(try cmdctl(["auth", "logout", "here"]).code == 0)
        #expect(try cmdctl(["list"]).code != 0)
    }

    @Test(arguments: ["table", "wide", "json", "yaml", "name"])
    func `every output form shows the job`(form: String) throws {
        let job = try daemon.run(["true"], flags: ["--name", "shown", "--label", "team=a"])
        for arguments in [["list", "-o", form], ["get-status", job, "-o", form]] {
            let finished = try daemon.start(arguments).finish()
            #expect(finished.code == 0, "\(finished)")
            #expect(finished.text.contains(job) || finished.text.contains(job.prefix(8)))
        }
    }

    @Test func `JSON is the mapping of the API, and a list is a ListJobsResponse`() throws {
        let job = try daemon.run(["true"], flags: ["--label", "team=a"])
        _ = try daemon.cmdctl("wait", job)
        let list = try daemon.cmdctl("list", "-o", "json")
        let object = try JSONSerialization.jsonObject(with: Data(list.output)) as? [String: Any]
        let jobs = try #require(object?["jobs"] as? [[String: Any]])
        #expect(jobs.map { $0["id"] as? String } == [job])
        #expect(jobs[0]["state"] as? String == "JOB_STATE_EXITED")
        let spec = try #require(jobs[0]["spec"] as? [String: Any])
        #expect(spec["labels"] as? [String: String] == ["team": "a"])
    }

    @Test(arguments: [["ls"], ["ps"]])
    func `verbs have the names people try`(verb: [String]) throws {
        let job = try daemon.run(["true"])
        #expect(try daemon.start(verb + ["-o", "name"]).finish().lines == [job])
        for verb in ["get-status", "status", "get"] {
            #expect(try daemon.cmdctl(verb, job, "-o", "name").lines == [job])
        }
        for verb in ["get-output", "output", "logs"] {
            #expect(try daemon.cmdctl(verb, job).code == 0)
        }
    }

    @Test func `a name or a few digits of the identifier will do`() throws {
        let job = try daemon.run(["sleep", "1000"], flags: ["--name", "db"])
        #expect(try daemon.status("db").id == job)
        #expect(try daemon.status(String(job.prefix(18))).id == job)
    }

    @Test(arguments: [["--help"], ["run", "--help"], ["get-output", "-h"], ["pki", "--help"]])
    func `help is help`(arguments: [String]) throws {
        let finished = try RunningProgram(Spawn(path: Programs.cmdctl, arguments: arguments))
            .finish()
        #expect(finished.code == 0, "\(finished)")
        #expect(finished.text.contains("USAGE"), "\(finished)")
    }

    @Test func `versions and the state of things can be asked for`() throws {
        let version = try daemon.cmdctl("version")
        #expect(version.code == 0 && version.text.contains("cmdctl"), "\(version)")
        let doctor = try daemon.cmdctl("doctor")
        #expect(doctor.code == 0, "\(doctor)")
        let inspected = try daemon.cmdctl("pki", "inspect", daemon.alice.certificate)
        #expect(inspected.code == 0 && inspected.text.contains("alice"), "\(inspected)")
    }

    @Test func `RSA keys are made where they are asked for`() throws {
        let directory = daemon.directory.path("rsa")
        let made = try RunningProgram(
            Spawn(
                path: Programs.cmdctl,
                arguments: ["pki", "init", "--key-type", "rsa-2048", directory])
        ).finish()
        #expect(made.code == 0, "\(made)")
        let inspected = try daemon.cmdctl("pki", "inspect", directory + "/client-ca.pem")
        #expect(inspected.text.contains("RSA"), "\(inspected)")
    }
}
