# The adversary under two other ways to contain a program, called as their manuals begin: crun with the
# configuration it makes itself, and bubblewrap with all namespaces. What they contain is theirs to
# say; here only that every attempt has been made. docs/SECURITY.md has the table.
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
        sed -i "s|\"sh\"|\"/usr/bin/adversary\",\"attempts\",\"$sentinel\",\"$foreign_log\"|" config.json &&
        crun --cgroup-manager=cgroupfs run peer >/run/by-crun
}

under_bubblewrap() {
    bwrap --unshare-all --ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib \
        --symlink usr/lib64 /lib64 --proc /proc --dev /dev --tmpfs /tmp --die-with-parent \
        adversary attempts "$sentinel" "$foreign_log" >/run/by-bubblewrap
}

check "the victims are placed" place_victims || finish
check "the daemon starts" start_daemon || finish
check "somebody else has a job" start_foreign_job
export CMDCTL_JOB_ID="$foreign"
check "crun runs it" under_crun
check "bubblewrap runs it" under_bubblewrap
adversary list >/run/attempts
attempts_are_those_of() {
    cut -d' ' -f2- "$1" >/run/left && cut -d' ' -f2- "$2" >/run/right && cmp /run/left /run/right
}
for peer in crun bubblewrap; do
    check "$peer: every attempt was made" attempts_are_those_of /run/attempts "/run/by-$peer"
    note "$peer lets out: $(grep -c ESCAPED "/run/by-$peer")"
    grep ESCAPED "/run/by-$peer" | sed "s/^/# $peer: /"
done
finish
