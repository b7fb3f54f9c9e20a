# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # parts of one script; the variables are set by its caller
# The timer: waits, then takes the change back. Started detached; a commit's directory is $1,
# the seconds to wait are $2.
#
# A host that is shut down does not wait: everything is sent TERM, and the change goes. (So does
# stop_timer, when the change is decided.)
dir=$1 seconds=$2 outcome=${3-expired} left=${4-380}
# Where nothing can be started, as on a host without memory, a shell ends. It begins again, and with
# it the undo: each step of one can be done twice.
# shellcheck disable=SC2317,SC2329 # the trap calls it
again() {
	set -- /bin/sh "$dir/expire.sh" "$dir" "$seconds" "$outcome" "$left"
	if command -v nice >/dev/null; then exec nice -n 10 "$@"; fi # Debian's busybox has none
	exec "$@"
}
trap again EXIT
over() {
	trap - EXIT
	# The signal may have come while the sleep was still a copy of this shell, which catches others.
	nap=${nap-$!}
	[ -z "$nap" ] || kill -s KILL "$nap" 2>/dev/null
	exit 0
}
undecided() { [ -e "$dir/armed" ] || [ -e "$dir/undoing" ]; }
expired() {
	trap 'seconds=0 outcome=shutdown' TERM # what is ignored here, no later try could be told by
	undecided || over
	# What keeps the host from taking the change back may be over in an hour: each second first, then each ten.
	if [ "$left" -gt 360 ]; then seconds=1; else seconds=10; fi
	left=$((left - 1))
	(trap '' TERM && exec /bin/sh "$dir/undo.sh" "$dir" "$outcome" '' "$left") || exit
	over
}
trap 'undecided || over; outcome=shutdown; expired' TERM
sleep "$seconds" &
wait $!
nap= # its number may be another's by now
expired
