# The adversary under two other ways to contain a program: crun with the configuration it makes
# itself, and bubblewrap with all namespaces. What they let out is what docs/SECURITY.md says.
# packages: crun bubblewrap
# modules: vsock af_alg
. /suite/tap.sh
. /suite/daemon.sh
. /suite/victims.sh

# Where `crun spec` wants it: a root of its own, with nothing but the program.
under_crun() {
    mkdir -p /data/bundle/rootfs/usr/bin /data/bundle/rootfs/proc /data/bundle/rootfs/tmp &&
        cp /usr/bin/adversary /data/bundle/rootfs/usr/bin && cd /data/bundle && crun spec &&
        sed -i 's/"terminal": true/"terminal": false/' config.json &&
        arguments="\"adversary\",\"attempts\",\"$sentinel\",\"$foreign_log\"" &&
        sed -i "s|\"sh\"|$arguments|" config.json &&
        crun --cgroup-manager=cgroupfs run peer >/run/by-crun
}

under_bubblewrap() {
    bwrap --unshare-all --ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib \
        --symlink usr/lib64 /lib64 --proc /proc --dev /dev --tmpfs /tmp --die-with-parent \
        adversary attempts "$sentinel" "$foreign_log" >/run/by-bubblewrap
}

check "the victims are placed" place_victims || finish
check "the daemon starts" start_daemon || finish
check "somebody else has a job" start_foreign_job operator --isolation host
export CMDCTL_JOB_ID="$foreign"
check "crun runs it" under_crun
check "bubblewrap runs it" under_bubblewrap
check "crun lets out what the page says" page_agrees 5 /run/by-crun
check "bubblewrap lets out what the page says" page_agrees 6 /run/by-bubblewrap
finish
