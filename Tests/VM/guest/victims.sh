# What the adversary is after: things of the host, of the server and of other jobs.
secret=the-secret-of-the-host

# Places these on the host. The sentinel is a process with sockets, memory and a key.
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

# Somebody else's job, with a secret in its log and one in its temporary directory:
# start_foreign_job TENANT OPTION…
start_foreign_job() {
    owner=$1
    shift
    script="echo $secret | tee /tmp/foreign; exec sleep 10000"
    foreign=$(as "$owner" run "$@" -- sh -c "$script") &&
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

# Whether a report is what a column of the table in docs/SECURITY.md says: 2 unconfined, 3 strict,
# 4 image, 5 crun, 6 bubblewrap.
page_agrees() {
    awk -F ' *[|] *' -v column=$(($1 + 1)) '
        $(column) == "out" { print "ESCAPED " $2 }
        $(column) == "held" { print "CONTAINED " $2 }' /suite/SECURITY.md >/run/page
    diff /run/page "$2"
}

# The kernel runs the host's program for core dumps as root of the host, whoever has crashed.
catch_crashes() {
    printf '#!/bin/sh\ncat >/dev/null\necho "$1" >>/run/crashes\n' >/usr/bin/on-crash
    chmod +x /usr/bin/on-crash && echo '|/usr/bin/on-crash %P' >/proc/sys/kernel/core_pattern
}
crashes() { [ "$(cat /run/crashes 2>/dev/null | wc -l)" = "$1" ]; }

# The adversary as a job, with this name for the verdicts: attack PROFILE OPTION…
attack() {
    profile=$1
    shift
    as alice run --follow "$@" -- adversary attempts "$sentinel" "$foreign_log" >"/run/by-$profile"
    judge CONTAINED "$profile" "/run/by-$profile"
    check "$profile: crashes are caught on the host" catch_crashes
    before=$(wc -l </run/crashes 2>/dev/null || echo 0)
    sh -c 'kill -SEGV $$'
    check "$profile: which runs a program for them" within 10 crashes $((before + 1))
    as alice run --follow "$@" -- sh -c 'kill -SEGV $$'
    check "$profile: but not for a job's" crashes $((before + 1))
}

# What the adversary was after is as it was.
check_victims() {
    check "the sentinel lives" kill -0 "$sentinel"
    check "the other job lives" is_running "$foreign"
}
