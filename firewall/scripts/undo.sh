# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # parts of one script; the variables are set by its caller
# Takes a commit back: $1 is its directory, $2 the outcome to record (expired, overdue,
# reverted, shutdown), $3 "locked" where the caller holds the lock. Prints the outcome.
dir=$1 outcome=$2
trap '' TERM # a host that is shut down sends it to all
base=${dir%/*}
# An undo that finds `undoing` goes on with it: with the lock in its hands it knows that
# whoever began died, and each step can be done twice.
mv "$dir/armed" "$dir/undoing" 2>/dev/null || [ -e "$dir/undoing" ] || exit 0
# A commit that is still at work is waited for, so that nothing is applied after the undo; a
# lock that never comes free must not keep the host shut.
[ "${3-}" = locked ] || lock 20
[ -e "$dir/undoing" ] || exit 0
# First, since a host that is shut down gives little time: what counts then is the next boot.
put_files_back "$dir"
# The paths of the programs, as the commit found them.
. "$dir/programs"

undo_table() { # FAMILY TABLE
	now=$dir/now-$1-$2
	list_table "$1" "$2" >"$dir/table" 2>/dev/null || return 1
	only_touched "$1" "$2" <"$dir/table" >"$now"
	cmp -s "$now" "$dir/before-$1-$2" && return 0
	if is_sum "after-$1-$2" <"$now"; then
		restore "$1" --noflush <"$dir/undo-$1-$2" 2>>"$dir/errors" && return 0
	fi
	# Others have been here since. What they did stays.
	rm -f "$dir/stray"
	awk -v stray="$dir/stray" -f "$dir/undo.awk" "$dir/table" "$dir/undo-$1-$2" >"$dir/fitted"
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

failed=
# Sets that rules need come back before these; the new ones go when no rule needs them.
while read -r number kind name scratch; do
	[ "$kind" = make ] || undo_set "$number" "$kind" "$name" "$scratch" </dev/null || failed="$failed set:$name"
done <"$dir/set-changes"
for family in 4 6; do
	for table in $(touched_tables "$family"); do
		undo_table "$family" "$table" || undo_table "$family" "$table" || failed="$failed $family:$table"
	done
done
LC_ALL=C sort -rn "$dir/set-changes" >"$dir/set-changes.down"
while read -r _ kind name _; do
	[ "$kind" != make ] || undo_made_set "$name" </dev/null || failed="$failed set:$name"
done <"$dir/set-changes.down"
drop_scratch "$dir"
[ -z "$failed" ] || outcome="failed$failed"
record "${dir##*/}" "$outcome"
case $2 in expired | shutdown) ;; *) stop_timer "$dir" ;; esac
rm -rf "$dir"
[ "${3-}" = locked ] || unlock
echo "$outcome"
