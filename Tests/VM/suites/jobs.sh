# Jobs in control groups with controllers: born into them, killed, frozen and gone with them.
. /suite/tap.sh
. /suite/daemon.sh

check "the daemon starts" start_daemon || finish

job=$(cmdctl run -- sh -c 'sleep 1000 & setsid sleep 1000 & echo up; wait')
group=$(group_of "$job")
has_processes() { [ "$(wc -l <"$group/job/cgroup.procs")" -ge "$1" ]; }
check "a job has a group of its own" test -d "$group/job"
check "what a job starts is in it" within 10 has_processes 3
populated() { [ "$(value_of "$group/job/cgroup.events" populated)" = "$1" ]; }
check "all of them can be seen" processes_like "sleep 1000" 3
check "the group says that it is populated" populated 1
frozen() { [ "$(value_of "$group/job/cgroup.events" frozen)" = "$1" ]; }
echo 1 >"$group/job/cgroup.freeze"
check "a group can be frozen" within 10 frozen 1
echo 0 >"$group/job/cgroup.freeze"
check "and thawed" within 10 frozen 0
check "a job is killed" cmdctl kill "$job"
check "it ends" within 20 ended_as "$job" KILLED
gone() { [ ! -d "$group" ]; }
check "its group is removed" within 10 gone
check "none of its processes is left" processes_like "sleep 1000" 0

job=$(cmdctl run -- sleep 1000)
group=$(group_of "$job")
check "a daemon that crashes" crash_daemon
check "leaves the job in its group" populated 1
check "a new daemon starts" start_daemon
check "and can stop the job" cmdctl stop "$job" --grace 5s
check "whose group is removed then" within 10 gone
finish
