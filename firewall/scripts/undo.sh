# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # parts of one script; the variables are set by its caller
# Takes a commit back: $1 is its directory, $2 the outcome to record (expired, overdue,
# reverted, shutdown), $3 "locked" where the caller holds the lock. Prints the outcome. Where $4
# is more than 0, the caller will try again: the exit status tells it to.
dir=$1 outcome=$2
trap '' TERM # a host that is shut down sends it to all
base=${dir%/*}
# An undo that finds `undoing` goes on with it: with the lock in its hands it knows that
# whoever began died, and each step can be done twice.
# Where the disk has become read-only nobody can confirm either.
unconfirmed() { [ -e "$dir/undoing" ] || [ -e "$dir/armed" ]; }
mv "$dir/armed" "$dir/undoing" 2>/dev/null || unconfirmed || exit 0
#= claim
# A commit that is still at work is waited for, so that nothing is applied after the undo; a
# lock that never comes free must not keep the host shut. What has begun to apply ends within the 20
# seconds that it waits for the lock of iptables (restore_wait).
wait_for() { # SECONDS COMMAND...: until it succeeds, or somebody else has taken the commit back
	clock
	wait_until=$((uptime + $1))
	shift
	until "$@" || { clock && [ "$uptime" -ge "$wait_until" ]; }; do
		unconfirmed || exit 0
		sleep 0.1 2>/dev/null || sleep 1
	done
}
[ "${3-}" = locked ] || wait_for 30 lock 0
# Who still has it may be in the middle of the change, which lands behind this undo: then it is done once more.
landing=
[ "${3-}" = locked ] || flock -n 9 2>/dev/null || [ -e "$dir/landed" ] || landing=' landing'
#= lock
# The timer does not wait for ever, so two undos may meet: one at a time.
exec 8<"$dir/undo.sh"
wait_for 90 flock -n 8
unconfirmed || exit 0
# First, since a host that is shut down gives little time: what counts then is the next boot.
put_files_back "$dir"

# What is written here takes less than three times the room that the commit did. Where there is none, or
# the disk has become read-only, a copy in another place does.
commit=$dir
roomy() { # DIR
	cat "$commit"/* "$commit"/* "$commit"/* >"$1/.room"
	enough=$?
	rm -f "$1/.room"
	return "$enough"
}
find_room() { # sets dir
	roomy "$commit" && return
	for parent in /dev/shm /tmp /var/tmp /root; do
		dir=$(mktemp -d "$parent/iptables-undo-XXXXXX") || continue
		if cp "$commit"/* "$dir" && roomy "$dir"; then return; fi
		rm -rf "$dir"
	done
	dir=$commit
}
find_room 2>/dev/null
# The paths of the programs, as the commit found them.
. "$dir/programs"

undo_table() { # FAMILY TABLE
	now=$dir/now-$1-$2
	list_table "$1" "$2" >"$dir/table" 2>/dev/null || return
	echo '#' >>"$dir/table" || return 1 # iptables does not say that its listing could not be written
	only_touched "$1" "$2" <"$dir/table" >"$now" && only_touched "$1" "$2" <"$dir/found-$1-$2" >"$dir/before" || return 1
	# A program that could not be started says nothing: that is no difference.
	cmp -s "$now" "$dir/before"
	case $? in
	0) return 0 ;;
	1) ;;
	*) return 1 ;;
	esac
	read -r after <"$dir/after-$1-$2"
	is_sum "$after" <"$now"
	case $? in
	0) restore "$1" --noflush <"$dir/undo-$1-$2" 2>>"$dir/errors" && return 0 ;;
	1) ;;
	*) return 1 ;;
	esac
	# Others have been here since. What they did stays.
	rm -f "$dir/stray"
	awk -v stray="$dir/stray" -f "$dir/undo.awk" part=now "$dir/table" part=undo "$dir/undo-$1-$2" >"$dir/fitted"
	[ "$(tail -n 1 "$dir/fitted")" = COMMIT ] || return 1 # an empty one would be restored, too
	restore "$1" --noflush <"$dir/fitted" 2>>"$dir/errors"
	status=$?
	# A line that the host spells otherwise than we: tried by its meaning, each on its own.
	if [ -e "$dir/stray" ]; then
		while IFS= read -r stray; do
			printf '*%s\n%s\nCOMMIT\n' "$2" "$stray" | restore "$1" --noflush 2>/dev/null
		done <"$dir/stray"
	fi
	return "$status"
}

# Who holds the lock of iptables for ever must not keep the host shut. After the wait for it (exit
# status 4) another one is taken, as iptables can since 1.8.6.
take_back() { # FAMILY TABLE
	# A line that came back already would come back twice, where others have changed the table since.
	[ ! -e "$commit/undone-$1-$2" ] || return 0
	undo_table "$1" "$2" || {
		[ $? != 4 ] || export XTABLES_LOCKFILE="$dir/xtables.lock"
		undo_table "$1" "$2"
	} || return
	[ -n "$landing" ] || (: >"$commit/undone-$1-$2") 2>/dev/null
	return 0
}

failed=$landing
# Sets that rules need come back before these; the new ones go when no rule needs them.
while read -r number kind name scratch; do
	[ "$kind" = make ] || undo_set "$number" "$kind" "$name" "$scratch" </dev/null || failed="$failed set:$name"
done <"$dir/set-changes"
for family in 4 6; do
	#= undone
	touched_tables "$family"
	for table in $tables; do
		take_back "$family" "$table" || failed="$failed $family:$table"
	done
done
LC_ALL=C sort -rn "$dir/set-changes" >"$dir/set-changes.down"
while read -r _ kind name _; do
	[ "$kind" != make ] || undo_made_set "$name" </dev/null || failed="$failed set:$name"
done <"$dir/set-changes.down"
drop_scratch "$dir"
[ "$dir" = "$commit" ] || rm -rf "$dir"
if [ -n "$failed" ]; then
	[ "${4-0}" -le 0 ] || exit 1
	outcome="failed$failed"
fi
drop_pending # not before: a host may go down between two tries
record "${commit##*/}" "$outcome" #= recorded
# The timer may be here, too, and wait for its turn: systemctl waits for its end.
rm -f "$commit/armed" "$commit/undoing" #= released
case $2 in expired | shutdown) ;; *) stop_timer "$commit" ;; esac
rm -rf "$commit" #= dropped
[ "${3-}" = locked ] || unlock
echo "$outcome"
