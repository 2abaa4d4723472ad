# Jobs that take all they can get, and what the machine and the daemon are like meanwhile.

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

# The longest of three rounds of a command, in hundredths of a second; nothing if one fails.
longest() {
    most=0
    for round in 1 2 3; do
        begun=$(centiseconds)
        "$@" >/dev/null 2>&1 || return 1
        took=$(($(centiseconds) - begun))
        [ $took -le $most ] || most=$took
    done
    echo $most
}
# Whether it is done in so many seconds, each time: is_done_in SECONDS COMMAND…
is_done_in() {
    bound=$1
    shift
    took=$(longest "$@") || return 1
    note "within $took centiseconds"
    [ "$took" -le $((bound * 100)) ]
}
runs_a_job() { as bob run --follow --isolation strict -- true; }
# What of its disks a job has read.
bytes_read() { awk '{ sub(".*rbytes=", ""); sum += $1 } END { print sum + 0 }' "$group/io.stat"; }

# A bomb that goes off for minutes, beside which the daemon is asked and starts another job:
# beside_bomb WHAT KIND OPTION…
beside_bomb() {
    what=$1
    kind=$2
    shift 2
    bomb=$(as alice run "$@" -- adversary bomb "$kind") && group=$(group_of "$bomb")
    check "$what: they go off" within 20 is_lit
    check "$what: the server answers" is_done_in 10 cmdctl list
    check "$what: it starts another job" is_done_in 20 runs_a_job
    check "$what: they have gone on meanwhile" is_running "$bomb"
    check "$what: they are killed" cmdctl kill "$bomb"
    check "$what: and end" within 10 ended_as "$bomb" KILLED
}
is_lit() {
    case $kind in
    cpu) [ "$(value_of "$group/cpu.stat" usage_usec)" -gt 1000000 ] ;;
    io) [ "$(bytes_read)" -gt 1000000 ] ;;
    esac
}

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
    drop_log_bomb "$@"
    beside_bomb "sixteen loops with half a processor" cpu --max-cpu 50% "$@"
    beside_bomb "sixteen loops with the least weight" cpu --cpu-weight 1 "$@"
    beside_bomb "readers with 2 MiB/s" io --max-read 2M "$@"
    check "the server answers after them" cmdctl list
}

# Writes 64 MiB with a bound of 1 MiB, beside a follower that reads nothing until that is done.
drop_log_bomb() {
    used=$(disk_used)
    begin_bounded --log-max 1M "$@" -- adversary bomb log
    check "a log bomb ends" ended_as "$job" SUCCEEDED
    check "its log and index keep to their bound on the disk" takes_at_most $((1 << 20))
    check "they did all the while" test "$most" -le $(((1 << 20) + rounding))
    check "the host's disk has all its space but that" \
        test $(($(disk_used) - used)) -le $(((1 << 20) + rounding + journal))
    check "who follows is told what is missing" misses_rest_of $((64 << 20))
    check "and comes to the end" ended_following
}
