# Each limit bites, by the kernel's own figures. Rates are measured over ten seconds of the
# machine's time, because the kernel grants them in portions.
# timeout: 600
. /suite/tap.sh
. /suite/daemon.sh

# Starts a job that sees the disk of the machine, and keeps its identifier and its group.
start() {
    job=$(cmdctl run --isolation host "$@") && group=$(group_of "$job")
}
refused() { ! cmdctl run "$@"; }
# How much a number has grown by for each second, over ten of them: growth COMMAND….
growth() {
    first=$("$@")
    from=$(centiseconds)
    sleep 10
    last=$("$@")
    echo $(((last - first) * 100 / ($(centiseconds) - from)))
}
# Whether a number grows by so much in a second, give or take some per cent: rate_is RATE PERCENT
# COMMAND… An emulated machine on a busy host may be kept from running, and then what it limits falls
# short: so it has three attempts to be fast enough, and none to be too fast.
rate_is() {
    rate=$1
    percent=$2
    shift 2
    for attempt in 1 2 3; do
        found=$(growth "$@")
        note "attempt $attempt: $found each second, to be $rate, give or take $percent %"
        [ $((found * 100)) -le $((rate * (100 + percent))) ] || return 1
        [ $((found * 100)) -lt $((rate * (100 - percent))) ] || return 0
    done
    return 1
}
cpu_time() { value_of "$group/cpu.stat" usage_usec; }
# The data disk is the second; what the job loads from the first is not meant.
disk_bytes() {
    bytes=$(sed -n "s/^254:16 .*$1=\([0-9]*\).*/\1/p" "$group/io.stat")
    echo "${bytes:-0}"
}
moves() { [ "$(disk_bytes "$1")" -gt 0 ]; }
says() { cmdctl get-output "$job" 2>&1 | grep -qx "$1"; }

check "the daemon starts" start_daemon || finish

start --max-cpu 50% -- adversary bomb cpu
check "a job with half a processor gets that" rate_is 500000 5 cpu_time
check "and is held back for it" test "$(value_of "$group/cpu.stat" nr_throttled)" -gt 50
cmdctl kill "$job"
start --max-cpu 120% -- adversary bomb cpu
check "a job with more than one gets that, too" rate_is 1200000 5 cpu_time
cmdctl kill "$job"

start --max-mem 64M -- adversary bomb memory
cmdctl wait "$job" >/dev/null
check "a job that needs more than its memory is killed for it" ended_as "$job" OOM_KILLED
start --max-mem 400M -- adversary bomb memory
cmdctl wait "$job" >/dev/null
check "one that needs less is not" ended_as "$job" SUCCEEDED

start --memory-high 32M -- adversary bomb memory
is_slowed() { [ "$(value_of "$group/job/memory.events" high)" -gt 100 ] ||
    [ "$(value_of "$group/memory.events" high)" -gt 100 ]; }
check "a job is slowed down when it has more than its high mark" within 30 is_slowed
check "and hardly gets beyond it" is_about "$(cat "$group/memory.current")" $((32 << 20)) 15
cmdctl kill "$job"

dd if=/dev/zero of=/data/input bs=1M count=64 2>/dev/null && sync
start --max-read 2097152 -- dd if=/data/input of=/dev/null bs=64k iflag=direct
check "a job reads the disk" within 20 moves rbytes
check "with 2 MiB/s and no more" rate_is 2097152 10 disk_bytes rbytes
cmdctl kill "$job"
start --max-write 4194304 -- dd if=/dev/zero of=/data/output bs=64k oflag=direct
check "a job writes to the disk" within 20 moves wbytes
check "with 4 MiB/s and no more" rate_is 4194304 10 disk_bytes wbytes
cmdctl kill "$job"
start -- dd if=/data/input of=/dev/null bs=64k iflag=direct
cmdctl wait "$job" >/dev/null
check "without a limit the disk is faster than that" ended_as "$job" SUCCEEDED

start --max-pids 20 -- adversary bomb fork
check "a job with twenty processes cannot have one more" says "fork 19"
start -- adversary bomb fork
check "without a limit it can" says "fork 500"

start --cpuset 1 -- grep Cpus_allowed_list /proc/self/status
check "a job runs on the processors it was given" says "Cpus_allowed_list:	1"
check "which must be there" refused --cpuset 2-3 -- true
check "a limit that makes no sense is refused" refused --max-mem 12 -- true
finish
