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

# Somebody else's job, with a secret in its log and one in its temporary directory: of which
# tenant, and with what isolation.
start_foreign_job() {
    script="echo $secret | tee /tmp/foreign; exec sleep 10000"
    foreign=$(as "$1" run --isolation "$2" -- sh -c "$script") &&
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
# 4 crun, 5 bubblewrap.
page_agrees() {
    awk -F ' *[|] *' -v column=$(($1 + 1)) '
        $(column) == "out" { print "ESCAPED " $2 }
        $(column) == "held" { print "CONTAINED " $2 }' /suite/SECURITY.md >/run/page
    diff /run/page "$2"
}

# Drops a bomb as a job with limits, and keeps the job: drop_bomb KIND OPTION…
drop_bomb() {
    kind=$1
    shift
    bomb=$(as alice run --max-pids 50 --max-mem 64M "$@" -- adversary bomb "$kind") &&
        { cmdctl wait "$bomb" >/dev/null || true; }
}
says_at_most() {
    said=$(cmdctl get-output "$bomb" 2>&1 | tail -n 1)
    note "$said"
    [ "${said##* }" -le "$1" ]
}
# What fills memory that is not its own either is refused more, or dies.
ends_within() { ended_as "$bomb" OOM_KILLED || says_at_most "$1"; }

# Every bomb in a profile, beside which the server answers: drop_bombs OPTION…
drop_bombs() {
    drop_bomb fork "$@"
    check "a fork bomb ends at its limit" says_at_most 49
    drop_bomb memory "$@"
    check "a memory bomb is killed" ended_as "$bomb" OOM_KILLED
    drop_bomb disk "$@"
    check "a bomb of one large file ends within the job's memory" ends_within 64
    drop_bomb inode "$@"
    check "a bomb of many small files ends within the job's memory" ends_within 199999
    check "the server answers beside them" cmdctl list
}

# The kernel runs the host's program for core dumps as root of the host, whoever has crashed.
catch_crashes() {
    printf '#!/bin/sh\ncat >/dev/null\necho "$1" >>/run/crashes\n' >/usr/bin/on-crash
    chmod +x /usr/bin/on-crash && echo '|/usr/bin/on-crash %P' >/proc/sys/kernel/core_pattern
}
crashes() { [ "$(cat /run/crashes 2>/dev/null | wc -l)" = "$1" ]; }

