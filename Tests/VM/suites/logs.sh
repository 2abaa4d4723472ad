# Logs have the bound that was set, by the figures of the disk's file system: what is kept, what is
# given up, and what who follows is told of it.
# timeout: 300
. /suite/tap.sh
. /suite/daemon.sh
. /suite/logs.sh

bound=262144
# 500,000 lines of eight bytes each.
lines='seq 1000001 1500000'
all=4000000
is_end_of_lines() { $lines | tail -c "$(received)" | cmp - /run/received; }
is_beginning_of_lines() { $lines | head -c "$(received)" | cmp - /run/received; }
log_is_received() { cmp "$state/logs/$job.log" /run/received; }
# Whether log and index, by their bytes, fill the bound and do not pass it.
fills_bound() {
    size=$(($(log_size) + $(index_size)))
    note "$(log_size) and $(index_size) bytes, of $bound"
    [ $size -le $bound ] && [ $size -gt $((bound - 65536)) ]
}
# By what is left of them once what was given up is off: the log's size is that of all it ever had.
kept_fills_bound() {
    kept=$(($(log_size) - $(missing)))
    note "$kept bytes kept of $(log_size); the index has $(index_size)"
    [ $((kept + rounding)) -gt $((bound - bound / 8 - $(index_size))) ] && [ $kept -le $bound ]
}
told() { grep -q "$1" /run/told; }
message() { cmdctl get-status "$job" -o json | grep -q "$1"; }

check "the daemon starts" start_daemon || finish

begin_bounded --log-max 256K --log-full keep -- $lines
check "keep: the job ends as if nothing were" ended_as "$job" SUCCEEDED
check "keep: its log has the size of all it wrote" test "$(log_size)" = $all
check "keep: of the disk it takes no more than the bound" takes_at_most $bound
check "keep: nor has it before" test "$most" -le $((bound + rounding))
check "keep: who has followed is told what is missing" misses_rest_of $all
check "keep: and why" told "only the newest output is kept"
check "keep: and comes to the end" ended_following
as alice get-output "$job" >/run/received 2>/run/told
check "keep: who comes later is told the same" misses_rest_of $all
check "keep: and gets the end of it, byte for byte" is_end_of_lines
check "keep: as much as the bound has room for" kept_fills_bound

begin_bounded --log-max 256K --log-full drop -- $lines
check "drop: the job ends as if nothing were" ended_as "$job" SUCCEEDED
check "drop: log and index have the size of the bound" fills_bound
check "drop: and take no more of the disk" takes_at_most $bound
check "drop: who has followed is told what is missing" misses_rest_of $all
check "drop: and why" told "no room within the job's output limit"
check "drop: and has the beginning of it, byte for byte" is_beginning_of_lines
check "drop: which is the log" log_is_received
check "drop: and comes to the end" ended_following

begin_bounded --log-max 256K --log-full stop -- sh -c "$lines; exec yes"
check "stop: a job that would not end is killed" ended_as "$job" KILLED
check "stop: for its output" message "It was killed: its output reached the limit of 262144 bytes"
check "stop: log and index have the size of the bound" fills_bound
check "stop: and take no more of the disk" takes_at_most $bound
check "stop: who has followed has the beginning of it" is_beginning_of_lines
check "stop: which is the log" log_is_received
check "stop: and is told that something is missing" told "no room within the job's output limit"
finish
