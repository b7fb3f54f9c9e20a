# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # parts of one script; the variables are set by its caller
# Steps 6 and 7: a new login decides what becomes of the commit `id`.
# Variables: mark, id, keep (yes: confirm it; no: take it back). Its input holds the files
# to save for the next boot, each led by "MARK save PATH", and then a part "saves", which tells
# that all of them are there.
#
# The last section is "MARK result OUTCOME": confirmed, reverted, expired, overdue, failed...;
# cancelled where the commit had changed nothing and never will; busy where it is still at work;
# unknown where keep is yes and the host knows of no such commit.
section() { printf '%s %s\n' "$mark" "$*"; }
umask 077
undone=
open_base || [ -d "$base/$id" ] || { section "result unknown"; exit 0; }
dir=$base/$id

outcome() { # how the commit ended; nothing where it has not
	[ ! -e "$base/outcomes" ] || awk -v id="$id" '$1 == id { $1 = ""; print substr($0, 2) }' "$base/outcomes"
}

settle_commit() {
	# Nobody holds the lock for long while a commit is armed. To confirm, it only orders the
	# saves; to take back, it must be had: the commit may still be at work.
	#= entered
	lock 10 || [ "$keep" = yes ] || { section "result busy"; exit 0; }
	if [ "$keep" = no ]; then
		if [ -e "$dir/armed" ] || [ -e "$dir/undoing" ]; then
			undone=$(/bin/sh "$dir/undo.sh" "$dir" reverted locked 1)
		elif [ -z "$(outcome)" ]; then
			record "$id" cancelled # should its script still come: it finds this
		fi
	elif [ "$keep" = yes ] && mv "$dir/armed" "$dir/confirmed" 2>/dev/null; then
		#= disarmed
		# These are of no use any more, and make room for what comes.
		rm -f "$dir"/whole-* "$dir"/live-* "$dir"/payload-* "$dir"/undo-* "$dir"/found-*
		{ take_parts "$dir" && [ -s "$dir/saves" ]; } || { # the rest of a file would do for no boot
			rm -f "$dir"/save-*
			section 'unsaved files'
			section errors
			echo "there is no room in $base, or what was sent could not be unpacked"
		}
		keep_commit #= keep
	fi
	unlock
	# An undo that is at work ends soon. One that has failed is tried again: the timer does so only from its own time on.
	clock
	wait_until=$((uptime + 30))
	while [ -z "$undone" ] && [ -e "$dir/undoing" ] && [ "$uptime" -lt "$wait_until" ]; do
		sleep 1
		clock
		[ "$keep" = yes ] || undone=$(/bin/sh "$dir/undo.sh" "$dir" reverted '' 1)
	done
}

settle_commit
ended=$(outcome)
[ -n "$ended$undone" ] || [ ! -e "$dir/undoing" ] || undone=stuck # the timer will try again
# What the disk did not take is known all the same.
section "result ${ended:-${undone:-unknown}}"
