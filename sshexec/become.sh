# shellcheck shell=sh disable=SC2154 # the variables are set by its caller
# Becomes root and gives the shell program on standard input to a shell that is root.
# mark1 mark2: begin the lines that tell what was done. tools: those to try, in order. known:
# what worked before. password: the one of sudo, or nothing.
# Exit status 97: not root, nothing was run.

# sudo and doas strip it; sshd made it, an account's environment may not.
conn=${SSH_CONNECTION-}
case $conn in *[!0-9A-Za-z.:%_\ -]*) conn= ;; esac

say() { printf '%s%s %s\n' "${mark1:?}" "${mark2:?}" "$*"; }

# The constant command that sudoers or doas.conf has to allow. An empty program shows
# whether it does.
as_root() { "$1" -n /bin/sh -s -- "$conn"; }
may() { as_root "$1" </dev/null >/dev/null; }

with_password() {
	# Where printf is a program of its own, the list of processes would show the password.
	[ "$(command -v printf)" = printf ] || { say shell; exit 97; }
	say try >&2
	printf '%s\n' "$password" | sudo -S -p '' -v || { say wrong; exit 97; }
	say password
	# No exec: sudo remembers the password for the children of this very shell.
	as_root sudo
	exit
}

if [ "$(id -u </dev/null)" = 0 ]; then
	say root
	exec /bin/sh -s -- "$conn"
fi

say try >&2
case ${known?} in
sudo | doas)
	say "$known"
	as_root "$known"
	exit
	;;
password) with_password ;;
esac

found=
for tool in ${tools?}; do
	command -v "$tool" >/dev/null 2>&1 || continue
	found="$found $tool"
	if may "$tool"; then
		say "$tool"
		as_root "$tool"
		exit
	fi
done
case $found in *sudo*) [ -z "$password" ] || with_password ;; esac
# shellcheck disable=SC2086 # words
say denied $found
exit 97
