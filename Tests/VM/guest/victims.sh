# What the adversary is after: things of the host, of the server and of other jobs.
secret=the-secret-of-the-host

# Places these on the host. The sentinel is a process with sockets, memory and a key; see sentinel.c.
place_victims() {
    mkdir -p /usr/share
    for place in /usr/share /etc /data /root /run; do echo "$secret" >"$place/marker"; done
    cp /usr/bin/adversary /usr/bin/adversary-suid && chmod 4755 /usr/bin/adversary-suid
    ip address add 169.254.169.254/32 dev lo
    export HOST_SECRET=$secret
    mkfifo /run/sentinel-ready
    adversary sentinel >/run/sentinel-ready &
    sentinel=$!
    read -r ready </run/sentinel-ready && [ "$ready" = ready ]
}

# Somebody else's job, with a secret in its log and one in its temporary directory.
start_foreign_job() {
    foreign=$(as bob run "$@" -- sh -c "echo $secret | tee /tmp/foreign; exec sleep 10000") &&
        foreign_log=$state/logs/$foreign.log && within 10 grep -q "$secret" "$foreign_log"
}

# One verdict for each attempt of a report: all of them as expected, and none missing.
judge() {
    expected=$1
    profile=$2
    report=$3
    adversary list >/run/attempts
    while read -r _ name; do
        check "$profile: $name" grep -qx "$expected $name" "$report"
    done </run/attempts
}
