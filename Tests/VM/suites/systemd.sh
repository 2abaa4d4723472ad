# The packaged unit under systemd 252: the daemon is restarted, stopped and killed beside a job, and
# comes back each time; the job notices nothing.
# init: systemd
# packages: systemd
# timeout: 900
. /suite/tap.sh
. /suite/daemon.sh

install_unit() {
    mkdir -p /etc/cmdctl && cp /suite/cmdctld.service /etc/systemd/system/ && make_certificates &&
        cat >/etc/cmdctl/cmdctld.yaml <<END
listen: 127.0.0.1:9090
cert: /root/pki/server.pem
key: /root/pki/server.key
client_ca: /root/pki/client-ca.pem
END
    systemctl daemon-reload
}
export CMDCTL_SERVER=127.0.0.1:9090

is_active() { systemctl is-active --quiet cmdctld; }
answers() { cmdctl list; }
check "the unit is installed" install_unit
check "it starts" systemctl start cmdctld
check "the daemon answers" within 20 answers

job=$(cmdctl run --max-mem 64M -- sleep 10000)
keeps_limit() { [ "$(cat "$(group_of "$job")/memory.max")" = 67108864 ]; }
job_runs() { is_running "$job"; }
comes_back() {
    check "$1: the unit is active" within 20 is_active
    check "$1: the daemon answers" within 20 answers
    check "$1: the job runs" job_runs
    check "$1: the job has its limit" keeps_limit
    check "$1: another job runs to its end" cmdctl run --follow -- true
}
comes_back "before"

systemctl restart cmdctld
comes_back "restarted"

systemctl stop cmdctld
check "stopped: the job runs on" processes_like "sleep 10000" 1
systemctl start cmdctld
comes_back "stopped and started"

systemctl kill --kill-who=main --signal=KILL cmdctld
comes_back "killed"

systemctl daemon-reload
comes_back "reloaded"

check "the job can be stopped" cmdctl stop "$job"
check "nothing of it is left" processes_like "sleep 10000" 0

# Where nobody names a place, the daemon finds one that is not the unit's: decision 8.
unit=/etc/systemd/system/cmdctld.service
names_no_place() { sed -i 's| --jobs-cgroup [^ ]*||' $unit && ! grep jobs-cgroup $unit; }
check "auto: the unit names no place for the jobs" names_no_place
systemctl daemon-reload
systemctl restart cmdctld
check "auto: the daemon answers" within 20 answers
job=$(cmdctl run --max-mem 64M -- sleep 10000)
place=$(dirname "$(group_of "$job")")
check "auto: the jobs are beside the unit" test "$place" = $groups/system.slice/cmdctl-jobs
comes_back "auto: before"
systemctl restart cmdctld
comes_back "auto: restarted"
systemctl kill --kill-who=main --signal=KILL cmdctld
comes_back "auto: killed"
check "auto: the job can be stopped" cmdctl stop "$job"
check "auto: nothing of it is left" processes_like "sleep 10000" 0
finish
