#!/bin/sh
# boot.sh: the first program of a host, in namespaces of its own but still on the machine's files. It lays the
# host's disk over the image, moves into it and becomes the host's init.
#
# Environment: IMAGE and DISK (folders), NAME, INIT (simple or systemd), CGROUP (a folder; systemd only).
# From descriptor 3 it reads that eth0 is there; to descriptor 4 it writes that it is on the host's own files.
set -eu

# systemd wants a control group tree of its own: the group that it is in when it enters a new control group
# namespace is the root of what it sees.
if [ "$INIT" = systemd ] && [ "${1-}" != in-cgroup ]; then
	echo $$ >"$CGROUP/cgroup.procs"
	exec unshare --cgroup /bin/sh "$0" in-cgroup
fi

read -r _ <&3
exec 3<&-
printf '%s' "$NAME" >/proc/sys/kernel/hostname

root=$DISK/root
mount -t overlay overlay -o "lowerdir=$IMAGE,upperdir=$DISK/upper,workdir=$DISK/work" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
[ "$INIT" != systemd ] || mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755,nosuid run "$root/run"
mount -t tmpfs -o mode=1777,nosuid,nodev tmp "$root/tmp"
mount -t tmpfs -o mode=755,nosuid dev "$root/dev"
mkdir "$root/dev/pts" "$root/dev/shm" "$root/run/lock"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777,nosuid,nodev shm "$root/dev/shm"
for device in null:3 zero:5 full:7 random:8 urandom:9; do
	mknod -m 666 "$root/dev/${device%:*}" c 1 "${device#*:}"
done
mknod -m 666 "$root/dev/tty" c 5 0
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
for stream in stdin:0 stdout:1 stderr:2; do
	ln -s "/proc/self/fd/${stream#*:}" "$root/dev/${stream%:*}"
done

# Of the kernel's settings, the host's root may change those of its own network only.
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount --bind /proc/sys/net "$root/proc/sys/net"
# It boots more often than the machine does.
cat /proc/sys/kernel/random/uuid >"$DISK/boot_id"
mount --bind "$DISK/boot_id" "$root/proc/sys/kernel/random/boot_id"

cd "$root"
mkdir -p .machine
pivot_root . .machine
umount -l /.machine
rmdir /.machine
echo on its own files >&4
exec 4>&-

path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
case $INIT in
simple) exec env -i "PATH=$path" HOME=/root /usr/local/lib/fleet/init ;;
systemd) exec env -i "PATH=$path" container=fleet /lib/systemd/systemd --show-status=0 ;;
esac
