# A daemon on the machine, and how suites speak to it. Its state is on the data disk.
state=/data/cmdctl
groups=/sys/fs/cgroup
# What runs it, if it is not root that does, where its certificates are, and the groups of its jobs.
run_as=
pki=/root/pki
jobs_group=$groups/cmdctl
export CMDCTL_CACERT=/root/pki/server-ca.pem
export CMDCTL_CERT=/root/pki/operator.pem CMDCTL_KEY=/root/pki/operator.key

make_certificates() {
    cmdctl pki init /root/pki
    cmdctl pki issue --dir /root/pki server --host localhost --host 127.0.0.1
    cmdctl pki issue --dir /root/pki client operator --role admin
    cmdctl pki issue --dir /root/pki client alice
    cmdctl pki issue --dir /root/pki client bob
} >/dev/null

# Starts the daemon, with these options beside its own, and returns when it listens.
start_daemon() {
    [ -d /root/pki ] || make_certificates
    rm -f /run/daemon.log && mkfifo /run/daemon.log
    $run_as cmdctld --state-dir "$state" --jobs-cgroup "$jobs_group" --listen 127.0.0.1:0 \
        --cert "$pki/server.pem" --key "$pki/server.key" --client-ca "$pki/client-ca.pem" \
        "$@" >/run/daemon.log 2>&1 &
    daemon=$!
    exec 7</run/daemon.log
    while read -r line <&7; do
        echo "$line" >&2
        case "$line" in
        "listening on "*)
            export CMDCTL_SERVER="${line#listening on }"
            # Not to whoever reads what this says: it goes on when that is over.
            cat <&7 >/dev/console 2>&1 &
            return 0
            ;;
        esac
    done
    return 1
}

# Kills the daemon as a crash would, and waits until it is gone.
crash_daemon() {
    kill -KILL "$daemon"
    wait "$daemon"
    return 0
}

# Speaks as a tenant: as alice list.
as() {
    tenant=$1
    shift
    CMDCTL_CERT=/root/pki/$tenant.pem CMDCTL_KEY=/root/pki/$tenant.key cmdctl "$@"
}

# The directory of a job's control group: the one that carries its limits.
group_of() { find "$groups" -type d -name "$1"; }

# Whether a job has ended so.
ended_as() { cmdctl get-status "$1" -o json | grep -q "\"outcome\": *\"JOB_OUTCOME_$2\""; }

# A number in a file of lines `name value`, such as cpu.stat.
value_of() { sed -n "s/^$2 //p" "$1"; }

# Whether a number is at most so many per cent away from another.
is_about() {
    note "$1 is to be $2, give or take $3 %"
    [ $(($1 * 100)) -ge $(($2 * (100 - $3))) ] && [ $(($1 * 100)) -le $(($2 * (100 + $3))) ]
}

# Whether a job runs.
is_running() { cmdctl get-status "$1" -o json | grep -q JOB_STATE_RUNNING; }

# The machine's time.
centiseconds() { cut -d' ' -f1 /proc/uptime | tr -d .; }
