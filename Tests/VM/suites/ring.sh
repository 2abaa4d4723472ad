# io_uring on Debian's 6.1 kernel, the oldest that it works on: the tests of the loop with both
# backends, and a daemon whose jobs start, are followed and stopped, and are found again by a daemon
# that comes after a crash.
# programs: tests
# timeout: 900
. /suite/tap.sh
. /suite/daemon.sh

# As many as in the unit of the package, with which connections are accepted in bursts.
ulimit -n 65536

loop_conforms() {
    suites='Cancel|File|Loan|OtherThread|Process|Socket|Stream|Turn|Watch|Ring|RingBurst|RingRefusal'
    tests --testing-library swift-testing --filter 'ReactorTests\.('"$suites"')Tests/' >/tmp/tests 2>&1
    status=$?
    grep '✘' /tmp/tests
    note "$(tail -n 1 /tmp/tests)"
    # Of tests that are not there, none fails.
    grep -q 'Test run with [1-9].* passed' /tmp/tests && [ $status = 0 ]
}
check "the loop does all that it promises, with both backends" loop_conforms

check "the daemon starts" start_daemon --backend io_uring || finish
says_ring() { cmdctl version --server -o json | grep -q '"backend": *"io_uring"'; }
check "it waits with io_uring" says_ring

hello() { [ "$(cmdctl run --follow -- echo hello)" = hello ]; }
check "a job is followed to its end" hello

# More than a socket takes at once, and more than one read.
seq 300000 >/tmp/expected
whole() { cmdctl run --follow -- seq 300000 | cmp - /tmp/expected; }
check "not a byte of a large output is missing" whole

job=$(cmdctl run -- sh -c 'echo one; sleep 1000')
first_line() { [ "$(cmdctl get-output --no-follow "$job")" = one ]; }
check "output is there while the job runs" within 10 first_line
cmdctl get-output "$job" >/tmp/followed &
follower=$!
check "a job is stopped" cmdctl stop "$job" --grace 5s
check "it ends" within 20 ended_as "$job" STOPPED
# The exit status of a follower is the job's.
follower_ends() {
    wait "$follower"
    [ "$(cat /tmp/followed)" = one ]
}
check "its follower ends with it" follower_ends

follow_many() {
    pids=
    for number in 1 2 3 4 5 6 7 8; do
        cmdctl run --follow -- seq 20000 >"/tmp/many.$number" &
        pids="$pids $!"
    done
    for pid in $pids; do wait "$pid" || return 1; done
    seq 20000 >/tmp/expected
    for number in 1 2 3 4 5 6 7 8; do cmp "/tmp/many.$number" /tmp/expected || return 1; done
}
check "many jobs and followers at a time" follow_many

job=$(cmdctl run --isolation host -- sh -c 'echo before; while ! [ -e /tmp/go ]; do sleep 1; done; echo after')
check "a daemon that crashes" crash_daemon
check "is followed by one that starts" start_daemon --backend io_uring
check "and it waits with io_uring" says_ring
touch /tmp/go
lines() { [ "$(cmdctl get-output "$job" | tr '\n' ' ')" = "before after " ]; }
check "the job is followed to its end" lines
check "and its verdict is known" within 20 ended_as "$job" SUCCEEDED

# All but that of inotify, which comes with the first follower who has to wait.
descriptors() { readlink "/proc/$daemon/fd/"* | grep -cv inotify; }
hello
before=$(descriptors)
for number in 1 2 3 4 5; do hello; done
settled() { [ "$(descriptors)" -le "$before" ]; }
check "no descriptor is left behind" within 10 settled

check "a crash again" crash_daemon
check "auto finds a backend" start_daemon --backend auto
check "and jobs run" hello
finish
