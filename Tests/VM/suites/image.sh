# The adversary as a job in an image, which is its own to change: every way out is shut, and what it
# does to the image ends with it. The suite `unconfined` shows that each of these ways is one.
# modules: vsock af_alg squashfs loop
# packages: squashfs-tools tar
# memory: 1536M
# timeout: 900
. /suite/tap.sh
. /suite/daemon.sh
. /suite/victims.sh
. /suite/logs.sh
. /suite/bombs.sh

# What an image needs for the adversary, and a program that would make it root if images kept that.
make_root() {
    mkdir -p /data/rootfs/usr/bin /data/rootfs/etc /data/rootfs/tmp /data/rootfs/root || return 1
    ln -s usr/bin /data/rootfs/bin && chmod 1777 /data/rootfs/tmp
    cp /usr/bin/busybox /usr/bin/adversary /data/rootfs/usr/bin &&
        cp -p /usr/bin/adversary-suid /data/rootfs/usr/bin || return 1
    for program in sh cat dd df echo grep id rm sleep sync tee touch true wc mkdir; do
        ln -s busybox "/data/rootfs/usr/bin/$program" || return 1
    done
    echo "the base" >/data/rootfs/etc/motd
}
base_of() { echo "$state/images/$1/root"; }
# Names, owners, permissions, times and contents of all files.
sum_of() { tar -c -C "$(base_of "$1")" . | sha256sum; }
is_unchanged() { [ "$(sum_of box)" = "$sum" ]; }
imports() { cmdctl image import "$@"; }
in_image() { as alice run --follow --rootfs box --shell "$1"; }
prints() {
    said=$(in_image "$2" 2>&1)
    [ "$said" = "$1" ] || { echo "$said" && return 1; }
}
fails_with() {
    expected=$1
    shift
    said=$("$@" 2>&1)
    [ $? != 0 ] && echo "$said" | grep -q "$expected" || { echo "$said" && return 1; }
}
memory_left() { value_of /proc/meminfo MemAvailable: | tr -dc 0-9; }
# What a job can write, less what the file system needs for itself.
fills() {
    size=$(in_image 'dd if=/dev/zero of=/fill bs=64k; cat /fill | wc -c' 2>/dev/null)
    note "$size bytes"
    [ "$size" -le "$1" ] && [ "$size" -gt $(($1 - 65536)) ]
}
makes_few_files() {
    said=$(as alice run --follow --rootfs box -- adversary bomb inode 2>&1)
    note "$said"
    [ "${said#inode }" -gt 1000 ] && [ "${said#inode }" -lt 200000 ]
}
# In KiB: what is cached may go meanwhile, and come.
has_memory() { [ "$(memory_left)" -gt $((before - 65536)) ]; }
mounts_of_jobs() { grep -c "$state" /proc/mounts; }
has_mounts() { [ "$(mounts_of_jobs)" = "$1" ]; }

check "the victims are placed" place_victims || finish
check "the daemon starts" start_daemon || finish
check "there is something to make an image of" make_root || finish
tar -c -z -C /data/rootfs -f /data/rootfs.tar.gz .
mksquashfs /data/rootfs /data/rootfs.squashfs -quiet -no-progress >/dev/null
check "a directory is imported" imports box /data/rootfs || finish
check "an archive is imported" imports packed /data/rootfs.tar.gz
check "a squashfs is imported" imports squashed /data/rootfs.squashfs
check "it is mounted" test -x "$(base_of squashed)/usr/bin/adversary"
check "somebody else has a job in the same image" start_foreign_job bob --rootfs box || finish
sum=$(sum_of box)
mounts=$(mounts_of_jobs)

attack image --rootfs box
check "and this is what the page says" page_agrees 4 /run/by-image
as alice run --follow --rootfs packed -- adversary attempts "$sentinel" "$foreign_log" >/run/by-archive
check "nor does it get out of one that was an archive" page_agrees 4 /run/by-archive
# The 6.1 kernel has no idmapped mounts of squashfs: the job must be told, not run with less.
check "what the kernel cannot give to the job's users is refused" \
    fails_with "squashfs since 6.2" as alice run --follow --rootfs squashed -- true
drop_bombs --rootfs box
check_victims
check "whatever they did, the image is as it was" is_unchanged

check "a job changes and removes what it likes" prints "mine" \
    'rm -r /usr/bin/adversary /root; echo mine >/etc/motd; touch /new; cat /etc/motd'
check "the next job sees nothing of that" prints "the base" \
    'test -e /usr/bin/adversary -a -d /root -a ! -e /new && cat /etc/motd'
check "the image is not changed" is_unchanged

before=$(memory_left)
check "what it writes has an end" fails_with "No space left on device" \
    in_image 'dd if=/dev/zero of=/fill bs=1M'
check "which is nearly 512 MiB" fills 536870912
check "the host has its memory back" within 10 has_memory
check "and writes to its disk" dd if=/dev/zero of=/data/more bs=1M count=64
check "nor can it make files without end" makes_few_files
check "a program that is missing is not in the image" \
    fails_with "not found in image 'box'" as alice run --follow --rootfs box -- /usr/bin/nowhere
check "though the host has it" fails_with "not found in image 'box'" \
    as alice run --follow --rootfs box -- mksquashfs
check "nothing is mounted that was not before" within 10 has_mounts "$mounts"
check "an image that a job has cannot be removed" fails_with "$foreign" cmdctl image rm box
check "the other job ends" cmdctl stop "$foreign"
check "then it can" cmdctl image rm box packed squashed
check "and leaves nothing" test -z "$(ls "$state/images")"
check "nor a mount" within 10 has_mounts $((mounts - 1))
finish
