# Jobs that take all there is of what the kernel counts for each user, and keep it: others have theirs.

# Has a tenant do so: hoard KIND OPTION…
hoard() {
    kind=$1
    shift
    hoarder=$(as alice run "$@" -- adversary hoard "$kind") &&
        hoard_log=$state/logs/$hoarder.log && within 20 grep -q "^$kind [1-9]" "$hoard_log" &&
        note "$(cat "$hoard_log")"
}

# Whether somebody else still gets so many: has_left LEAST COMMAND…
has_left() {
    least=$1
    shift
    said=$("$@" 2>&1 | tail -n 1)
    note "$said"
    [ "${said##* }" -ge "$least" ]
}

# What one tenant can take from the host, or from another: hoard_all OPTION…
hoard_all() {
    check "a job takes all instances of inotify that a user may have" hoard watch "$@"
    check "the host has as many as before" has_left 100 adversary bomb watch
    check "another tenant has as many" has_left 100 as bob run --follow "$@" -- adversary bomb watch
    check "a job lets all signals wait that a user may have" hoard signal "$@"
    check "the host may let as many wait as before" has_left 1000 adversary bomb signal
    check "another tenant may let as many wait" \
        has_left 1000 as bob run --follow "$@" -- adversary bomb signal
}
