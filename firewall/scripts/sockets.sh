# shellcheck shell=sh disable=SC2154 # the variables are set by its caller
# Lists what listens on the host, as `ss` tells it, or else the kernel; changes nothing.
# mark: begins every line that is ours.
section() { printf '%s %s\n' "$mark" "$*"; }

section ss4
if command -v ss >/dev/null 2>&1 && ss -4 -l -t -u -n -p 2>/dev/null; then
	section ss6
	ss -6 -l -t -u -n -p -e 2>/dev/null
else
	for table in tcp udp tcp6 udp6; do
		section "$table"
		cat "/proc/net/$table" 2>/dev/null
	done
	# Whose sockets they are. -n: looking up the owners' names could ask a directory in the network.
	section descriptors
	# shellcheck disable=SC2010 # the names are numbers, and where the links lead is what is wanted
	ls -ln /proc/[0-9]*/fd 2>/dev/null | grep -e '^/proc/' -e 'socket:'
	section names
	grep -s . /proc/[0-9]*/comm /dev/null
fi
section end
