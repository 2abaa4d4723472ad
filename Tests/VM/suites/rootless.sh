# A daemon that is not root: what it can do without privileges it does, what it cannot have it
# refuses in words, and `cmdctl doctor` says the same.
# modules: vsock af_alg
# packages: tar
# timeout: 900
. /suite/tap.sh
. /suite/daemon.sh
. /suite/victims.sh

state=/data/alice/state
own=$groups/delegated

# What takes the place of the shell that calls it.
as_alice() { exec su -m -- alice -c 'exec "$@"' sh "$@"; }
as_alice_in_group() {
    echo 0 >$own/daemon/cgroup.procs
    as_alice "$@"
}

give_to_alice() {
    mkdir -p /data/alice/state && make_certificates &&
        cp -r /root/pki /data/alice/pki && chown -R alice:alice /data/alice
}
# As cgroup-v2.rst has it: the directory, and the files that say what is in it and what it hands on.
delegate() {
    echo "+cpu +cpuset +io +memory +pids" >$groups/cgroup.subtree_control
    mkdir -p $own/daemon && chown alice $own $own/cgroup.procs $own/cgroup.threads \
        $own/cgroup.subtree_control $own/daemon $own/daemon/cgroup.procs
}
fails_with() {
    expected=$1
    shift
    said=$("$@" 2>&1)
    [ $? != 0 ] && echo "$said" | grep -q "$expected" || { echo "$said" && return 1; }
}
says() {
    expected=$1
    shift
    said=$("$@" 2>&1)
    [ "$said" = "$expected" ] || { echo "$said" && return 1; }
}
doctor_says() { (${run_as} cmdctl doctor) | grep "$1" | grep -q "$2"; }
runs_as() {
    owner=$(stat -c %u "/proc/$daemon")
    [ "$owner" = "$1" ] || { echo "$owner" && return 1; }
}

check "alice has a place, and certificates" give_to_alice || finish
check "the victims are placed" place_victims || finish
run_as=as_alice pki=/data/alice/pki jobs_group=auto

check "the daemon starts where nothing is delegated" start_daemon || finish
check "it is alice's" runs_as 1000
check "a job runs, as alice" says 1000 cmdctl run --follow --shell "id -u"
check "and is killed" cmdctl kill "$(cmdctl run -- sleep 4713)"
check "with its processes" within 10 processes_like "sleep 4713" 0
for option in --max-mem=64M --max-cpu=50% --max-pids=20 --max-read=1M --cpuset=1; do
    check "a job that needs $option is refused" \
        fails_with "cannot enforce" cmdctl run "$option" -- true
done
job=$(cmdctl run -- sleep 4714)
check "so is a pause" fails_with "cannot pause" cmdctl pause "$job"
cmdctl kill "$job"
check "so is another user" fails_with "only a server that is root" \
    cmdctl run --isolation host --user daemon -- true
check "so is a private network" fails_with "cannot be had" \
    cmdctl run --isolation strict --network private -- true
mkdir -p /data/rootfs/bin && cp /usr/bin/busybox /data/rootfs/bin/sh
check "so is an image" fails_with "does not run as root" cmdctl image import box /data/rootfs
check "and a job in one" fails_with "only a server that is root" \
    cmdctl run --rootfs box -- true

# Without a range of users root of a sandbox is alice outside, and no less shut in for it.
check "a job in a sandbox is its own root" says 0 cmdctl run --isolation strict --follow \
    --shell "id -u"
check "somebody else has a job" start_foreign_job bob --isolation strict
attack rootless --isolation strict
cmdctl kill "$foreign"

check "the doctor says that there are no limits" doctor_says limits "none for jobs"
check "nor images" doctor_says privileges "no images, no private networks and no user"
check "it finds user namespaces" doctor_says "user namespaces" ok
echo 0 >/proc/sys/user/max_user_namespaces
check "and their absence" doctor_says "user namespaces" "switched off"
crash_daemon
check "a daemon starts without them" start_daemon
check "a job that needs them is refused" fails_with "max_user_namespaces is 0" \
    cmdctl run --isolation strict -- true
check "others run" says 1000 cmdctl run --follow --shell "id -u"
echo 10000 >/proc/sys/user/max_user_namespaces
crash_daemon
starts_not() { ! start_daemon "$@"; }
check "a daemon that is to limit all jobs does not start" starts_not --total-limits max-mem=512M

check "a group is delegated" delegate || finish
run_as=as_alice_in_group
check "the doctor finds it" doctor_says limits "have those of $own"
check "the daemon starts in it" start_daemon
check "still as alice's" runs_as 1000
for isolation in host strict; do
    job=$(cmdctl run --isolation $isolation --max-mem 64M --max-pids 20 -- sleep 4715)
    group=$(group_of "$job")
    check "$isolation: the job's group is beside the daemon's" \
        test "$group" = "$own/cmdctl-jobs/$job"
    check "$isolation: and has its limits" test "$(cat "$group/memory.max")" = 67108864
    check "$isolation: it is paused" cmdctl pause "$job"
    check "$isolation: and killed" cmdctl kill "$job"
    check "$isolation: nothing of it is left" within 10 processes_like "sleep 4715" 0
    job=$(cmdctl run --isolation $isolation --max-mem 32M -- tail -c 200000000 /dev/zero)
    cmdctl wait "$job" >/dev/null
    check "$isolation: one that needs more memory is killed for it" ended_as "$job" OOM_KILLED
done
finish
