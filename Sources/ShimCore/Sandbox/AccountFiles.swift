/// What a job that sees the host's programs reads about users and names, instead of the host's.
enum AccountFiles {
    /// passwd(5).
    static let users = """
        root:x:0:0:the job:/home/job:/bin/sh
        nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin

        """

    /// group(5).
    static let groups = """
        root:x:0:
        tty:x:5:
        nogroup:x:65534:

        """

    /// hosts(5).
    static func hosts(_ name: String) -> String {
        """
        127.0.0.1 localhost \(name)
        ::1 localhost ip6-localhost ip6-loopback

        """
    }
}
