# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # parts of one script; the variables are set by its caller
# The timer: waits, then takes the change back. Started detached; a commit's directory is $1,
# the seconds to wait are $2.
#
# A host that is shut down does not wait: everything is sent TERM, and the change goes. (So does
# stop_timer, when the change is decided.)
expired() { exec /bin/sh "$1/undo.sh" "$1" "$2"; }
trap '[ ! -e "$1/armed" ] || expired "$1" shutdown; exit 0' TERM
sleep "$2" &
wait $!
expired "$1" expired
