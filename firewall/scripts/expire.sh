# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # parts of one script; the variables are set by its caller
# The timer: waits, then takes the change back. Started detached; a commit's directory is $1,
# the seconds to wait are $2 (systemd waits by itself: none).
[ $# -lt 2 ] || sleep "$2"
exec /bin/sh "$1/undo.sh" "$1" expired
