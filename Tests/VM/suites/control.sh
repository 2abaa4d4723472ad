# Jobs are changed, paused and shown while they run, and die as a whole for want of memory.
# timeout: 900
. /suite/tap.sh
. /suite/daemon.sh

check "the daemon starts" start_daemon --total-limits "max-mem=512M max-pids=500"
is() { [ "$(cat "$1")" = "$2" ]; }
word_of() { cmdctl get-status "$1" -o json | sed -n "s/.*\"$2\": *\"\([^\"]*\)\".*/\1/p"; }
has_state() { [ "$(word_of "$1" state)" = "JOB_STATE_$2" ]; }

is_frozen() { [ "$(value_of "$group/job/cgroup.events" frozen)" = 1 ]; }

job=$(cmdctl run --isolation host -- sleep 1000)
all=$(dirname "$(group_of "$job")")
for controller in cpu cpuset io memory pids; do
    check "the jobs have the controller $controller" grep -qw $controller "$all/cgroup.subtree_control"
done
check "all jobs have a bound together" is "$all/memory.max" 536870912
cmdctl kill "$job"

# Memory. What tail keeps of an endless file is more than there may be.
greedy="tail -c 200000000 /dev/zero"
for where in main child both; do
    case $where in
    main) set -- $greedy ;;
    child) set -- sh -c "$greedy & wait; sleep 4711" ;;
    both) set -- sh -c "$greedy & exec $greedy" ;;
    esac
    job=$(cmdctl run --isolation host --max-mem 32M -- "$@")
    check "max-mem: a job that is greedy in $where ends" within 60 has_state "$job" EXITED
    check "max-mem: greedy in $where, it is named OOM_KILLED" ended_as "$job" OOM_KILLED
    note "$(word_of "$job" statusMessage)"
    check "max-mem: greedy in $where, the limit is told" grep -q "limit of 33554432 bytes (32 MiB)" \
        <<END
$(word_of "$job" statusMessage)
END
    check "max-mem: greedy in $where, the peak is told" grep -q "It had .* at most" <<END
$(word_of "$job" statusMessage)
END
done
check "max-mem: nothing is left of the job" processes_like "sleep 4711" 0

# Changes hold over a crash, and so does a pause.
job=$(cmdctl run --isolation host --max-mem 64M -- sh -c 'while :; do echo; sleep 0.05; done')
group=$(group_of "$job")
check "update: memory" cmdctl update --max-mem 48M --max-pids 20 "$job"
check "update: it is written" is "$group/memory.max" 50331648
check "stats: memory and processes are told" sh -c "cmdctl stats -o json $job | grep -q memoryBytes"
check "top: one table where nobody watches" sh -c "cmdctl top --interval 500ms | grep -q $job"
check "pause" cmdctl pause "$job"
check "pause: the state says so" has_state "$job" PAUSED
size=$(wc -c <"$state/logs/$job.log")
usleep 1000000
check "pause: nothing is written" test "$(wc -c <"$state/logs/$job.log")" = "$size"
check "a daemon that crashes" crash_daemon
check "a new daemon starts" start_daemon --total-limits "max-mem=512M max-pids=500"
check "the job is still paused" has_state "$job" PAUSED
check "its limits still hold" is "$group/memory.max" 50331648
check "resume" cmdctl resume "$job"
grows() { [ "$(wc -c <"$state/logs/$job.log")" -gt "$size" ]; }
check "resume: it writes again" within 10 grows
check "pause: once more" cmdctl pause "$job"
check "a paused job is stopped" cmdctl stop --grace 30s "$job"
check "as if it had not been paused" ended_as "$job" STOPPED
gone() { [ ! -d "$group" ]; }
check "its group is gone" within 10 gone

# The first process of a frozen job's namespace is frozen, too, and the kernel waits for it.
for isolation in host strict; do
    for end in "kill" "stop --grace 0" "stop --signal INT --grace 30s"; do
        job=$(cmdctl run --isolation $isolation -- sleep 4712)
        group=$(group_of "$job")
        check "$isolation, $end: a job is paused" cmdctl pause "$job"
        check "$isolation, $end: it stands still" is_frozen
        check "$isolation, $end: it is done in time" timeout 10 cmdctl $end "$job"
        check "$isolation, $end: the job has ended" within 5 has_state "$job" EXITED
        check "$isolation, $end: its group is gone" within 5 gone
        check "$isolation, $end: so are its processes" processes_like "sleep 4712" 0
    done
done
finish
