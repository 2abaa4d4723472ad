# Logs that have a bound, and who follows them.

# ext4 gives space in blocks of 4 KiB, so each of the two files has up to one at either end of what
# is kept that is not all its own.
rounding=$((4 * 4096))
# What else the daemon writes meanwhile: its records.
journal=$((1 << 20))

log_size() { stat -c %s "$state/logs/$job.log"; }
index_size() { stat -c %s "$state/logs/$job.idx"; }
# What both take of the disk: st_blocks of stat(2) counts 512 bytes each.
blocks_of_log() {
    echo $((($(stat -c %b "$state/logs/$job.log") + $(stat -c %b "$state/logs/$job.idx")) * 512))
}
takes_at_most() {
    taken=$(blocks_of_log)
    note "$taken bytes of the disk, at most $most before"
    [ "$taken" -le $(($1 + rounding)) ]
}
disk_used() { df -k /data | awk 'NR == 2 { print $3 * 1024 }'; }

# Runs a job to its end, of which nobody reads until then, and sees what its log takes meanwhile:
# begin_bounded OPTION… -- COMMAND…
begin_bounded() {
    rm -f /run/followed && mkfifo /run/followed
    job=$(as alice run "$@") || return 1
    as alice get-output "$job" >/run/followed 2>/run/told &
    follower=$!
    exec 8</run/followed
    most=0
    within 100 has_ended
    cat <&8 >/run/received
    exec 8<&-
    wait $follower
    followed=$?
}
has_ended() {
    now=$(blocks_of_log)
    [ "$now" -le "$most" ] || most=$now
    cmdctl get-status "$job" -o json | grep -q JOB_STATE_EXITED
}
received() { wc -c </run/received; }
# The bytes that the follower was told are missing.
missing() { awk '/ are missing: / { sum += $2 } END { print sum + 0 }' /run/told; }
# Whether it was told of something, and what it was told and what it has make so many bytes.
misses_rest_of() {
    note "$(received) bytes received, $(missing) missing"
    tail -n 5 /run/told
    [ "$(missing)" -gt 0 ] && [ $(($(received) + $(missing))) = "$1" ]
}
ended_following() { [ "$followed" = 0 ]; }
