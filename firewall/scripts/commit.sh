# shellcheck shell=sh disable=SC1091,SC2034,SC2154,SC2317 # parts of one script; variables are set, and functions called, elsewhere
# Steps 1 to 5 of a commit. Its input is a sequence of parts, each led by a line "MARK NAME":
#
#   chains-F-T    names of the chains of table T that are touched
#   expect-F-T    the sum (SHA-256) of what `iptables -S` lists of them, as the change was computed for
#   after-F-T     the same once the change is in and nobody else did anything
#   listed-F-T    the same of the whole table
#   found         the sums of the whole tables, as the change was computed for: lines "SUM  found-F-T"
#   whole-F       the whole wanted tables, for a trial in an empty network namespace; neither of these
#                 two where no trial is needed
#   added-F       only the lines that are new, with the chains they name
#   payload-F     the change, for iptables-restore --noflush
#   undo-F-T      its undo, each step led by a comment "#@ ..." (see undo.awk)
#   set-changes, set-N, set-expect-N, set-headers
#                 ipsets that change (see sets.sh), as the change was computed for, and how they
#                 are made
#   save PATH     a file to save for the next boot once the change is kept; only where this script may keep it
#   end           the word "end", and how many lines the parts are, with this one and the paths of files
#
# Variables: mark, id, rollback_timeout, lock_timeout (seconds), ipt4 ipt6 restore4 restore6
# (programs, empty where the family is not touched), tables4, tables6 (those that are touched), wait,
# restore_wait, locks (none: two of these programs can work at a time; xtables: the legacy ones
# would wait for each other, or fail), sets (yes: rules name ipsets), boot4, boot6, boot_sets (what
# the host restores at boot, empty where it does not), widens (yes: the change takes nothing away, so
# that no login has to prove that it does not).
#
# Comments "#= STEP" name the steps of internal/protocol.
#
# It prints sections led by "MARK NAME"; the last is "MARK result RESULT":
#   busy      the lock did not come free; nothing was changed
#   changed   the chains are not as expected; nothing is changed
#   rejected  the host's iptables refuses the change; nothing is changed
#   unable    the change could not be prepared safely; nothing was changed
#   undone    applying failed half-way and was taken back
#   stuck     applying failed, and so did taking it back: the timer will try again
#   applied   the change is in, and the timer runs
#   confirmed the change is in and kept
section() { printf '%s %s\n' "$mark" "$*"; }
finish() { # RESULT: the end of the script
	# shellcheck disable=SC2086 # process IDs
	[ -z "$listing$trying" ] || wait $listing $noting $trying
	[ "$1" = applied ] || echo # what it printed last may have no line break at its end
	[ "$1" = applied ] || [ "$1" = confirmed ] || [ ! -d "$dir" ] || [ -e "$dir/armed" ] || [ -e "$dir/undoing" ] || {
		drop_pending
		drop_scratch "$dir"
		rm -rf "$dir"
	}
	section "result $1"
	exit 0
}
give_up() { # RESULT REASON
	section errors
	echo "$2"
	finish "$1"
}
# A shell that cannot start a process ends. One in the background does so unseen, but for its status.
families() { # FUNCTION: calls it for both, at a time where they share no lock; whether it did well for both
	if [ "$locks" = none ]; then
		"$1" 4 &
		other=$!
		"$1" 6
		well=$?
		wait "$other" && return "$well"
	else
		"$1" 4
		well=$?
		"$1" 6 && return "$well"
	fi
}
dir=/nonexistent
# The processes that list the tables, note the files of the next boot, and try the change.
listing=''
noting=''
trying=''
umask 077

for tool in awk cmp flock sha256sum; do
	command -v "$tool" >/dev/null 2>&1 || give_up unable "the program $tool is missing"
done
open_base || give_up unable "$no_base"

# 1. The lock; nobody's unconfirmed change; the chains as they were read.
clock
locked_until=$((uptime + lock_timeout))
holder='another process holds the lock'
while :; do
	clock
	left=$((locked_until - uptime))
	if [ "$left" -lt 0 ] || ! lock "$left"; then give_up busy "$holder"; fi
	pending=
	for other in "$base"/*/; do
		other=${other%/}
		if [ -e "$other/armed" ] && ! overdue "$other/armed"; then
			pending=$other
		elif [ -e "$other/armed" ] || [ -e "$other/undoing" ]; then
			# Its timer was killed, or the one who undid it died: the lock is ours. As long as its timer tries again,
			# nobody gives it up, and nothing new comes on top of it.
			timer_lives "$other" && tries=1 || tries=0
			/bin/sh "$other/undo.sh" "$other" overdue locked "$tries" >/dev/null
			if [ -d "$other" ] && timer_lives "$other"; then pending=$other; fi
		elif [ -d "$other" ]; then
			drop_scratch "$other" # its commit died before it was armed, or after it was confirmed
			rm -rf "$other"
		fi
	done
	[ -n "$pending" ] || break
	holder="the change ${pending##*/} is waiting for its confirmation"
	[ ! -e "$pending/undoing" ] || holder="the change ${pending##*/} could not be taken back so far"
	unlock
	sleep 0.2 2>/dev/null || sleep 1
done
drop_pending # nobody's: its script died, or had no room

#= locked
dir=$base/$id
mkdir "$dir" || give_up unable "$dir cannot be made"
: >"$dir/errors"
list_tables() { # FAMILY: as they are
	touched_tables "$1"
	for table in $tables; do
		list_table "$1" "$table" 2>>"$dir/errors" >"$dir/found-$1-$table"
	done
	: # a listing that has failed is not the expected one
}
families list_tables 9>&- &
listing=$!
note_files "$dir" "$boot4" "$boot6" "$boot_sets" 9>&- &
noting=$!
[ -e "$base/outcomes" ] || : >"$base/outcomes"
take_parts "$dir" "$base/outcomes"
case $? in
0) ;;
3) give_up unable "its sender has given it up" ;;
4) tail -n 100 "$base/outcomes" >"$base/outcomes.new" && mv "$base/outcomes.new" "$base/outcomes" ;;
*) rm -f "$dir/end" ;;
esac
{ [ -s "$dir/end" ] && undo_sh >"$dir/undo.sh" && undo_awk >"$dir/undo.awk" && expire_sh >"$dir/expire.sh"; } ||
	give_up unable "there is no room in $base, or what was sent could not be unpacked"
#= folder
ipset=$(command -v ipset)

while read -r number kind name scratch; do
	list_set "$name" >"$dir/set-before-$number" </dev/null
	cmp -s "$dir/set-before-$number" "$dir/set-expect-$number" || {
		section errors
		echo "set $name:"
		diff "$dir/set-expect-$number" "$dir/set-before-$number" 2>/dev/null | head -n 20
		finish changed
	}
	rm "$dir/set-expect-$number"
done <"$dir/set-changes"

# 2. The trial, where it can be while the chains are compared. A change of one table is its own: the kernel takes it wholly or
# not at all. Else an empty network namespace shows what --test does not see, and leaves no trace; nothing is to be flushed there, so
# it is loaded as the change will be. Each family has its own: in one they would wait for each other.
trial_of() { # FAMILY: loads its part
	[ -s "$dir/$part-$1" ] || return 0
	eval "program=\$restore$1"
	set -- "$dir/$part-$1" "$dir/trial-$part-$1"
	# shellcheck disable=SC2016,SC2086 # the inner shell expands its own arguments
	if [ -s "$dir/trial-sets" ]; then
		unshare -n /bin/sh -c 'ipset restore <"$1" && shift && exec "$@"' trial "$dir/trial-sets" "$program" $restore_wait --noflush <"$1" >/dev/null 2>"$2"
	else
		unshare -n "$program" $restore_wait --noflush <"$1" >/dev/null 2>"$2"
	fi
}
trial() { # PART: whole, added or live
	part=$1
	families trial_of
}
write_live() { # FAMILY: the tables as they are
	eval "ipt=\$ipt$1"
	touched_tables "$1"
	for table in $tables; do
		"$ipt-save" -t "$table" || return
		echo '#' || return # it does not say itself that it could not be written
	done >"$dir/live-$1"
}
whole=
if [ -e "$dir/whole-4" ] || [ -e "$dir/whole-6" ]; then
	whole=yes
	# The sets as they will be, and empty.
	[ "$sets" != yes ] || ipset save 2>/dev/null | awk '
		FILENAME != "-" { changed[$3]; next }
		$1 == "create" && !($2 in changed)' "$dir/set-changes" - | cat "$dir/set-headers" - >"$dir/trial-sets"
fi
if [ -n "$whole" ] && [ "$locks" = none ]; then
	trial whole 9>&- &
	trying=$!
fi
compare() { # FAMILY: whether the touched chains are those that the change was computed for
	touched_tables "$1"
	for table in $tables; do
		only_touched "$1" "$table" <"$dir/found-$1-$table" >"$dir/touched-$1"
		read -r expected <"$dir/expect-$1-$table"
		is_sum "$expected" <"$dir/touched-$1" || {
			echo "chains of table $table: they have now" >"$dir/moved"
			head -n 20 "$dir/touched-$1" >>"$dir/moved"
			return 1
		}
	done
}
wait "$listing" || give_up unable "$no_process"
are_sums found || { compare 4 && compare 6; } || {
	[ -e "$dir/moved" ] || give_up unable "$no_process"
	cat "$dir"/found-* >"$dir/room" || give_up unable "there is no room in $base" # and a listing is not whole
	section errors
	cat "$dir/moved" "$dir/errors"
	finish changed
}
# Sets are built under names of their own: the kernel takes every entry, or nothing was changed.
while read -r number kind name scratch; do
	[ "$kind" = destroy ] || is_list "$number" || build_set "$number" "$scratch" </dev/null || {
		section errors
		cat "$dir/errors"
		finish rejected
	}
done <"$dir/set-changes"
printf "%s='%s'\n" ipt4 "$ipt4" ipt6 "$ipt6" restore4 "$restore4" restore6 "$restore6" wait "$wait" restore_wait "$restore_wait" \
	ipset "$ipset" tables4 "$tables4" tables6 "$tables6" >"$dir/programs" || give_up unable "there is no room in $base"
# One that says nothing could not start a process.
if [ -n "$whole" ] && ! { [ -n "$trying" ] && wait "$trying"; } &&
	{ [ -s "$dir/trial-whole-4" ] || [ -s "$dir/trial-whole-6" ] || ! trial whole 9>&-; }; then
	# What is foreign may not load at all (written by another version): then only ours is tried.
	if trial added && families write_live && ! trial live; then
		:
	elif unshare -n true 2>/dev/null; then
		section errors
		grep -h . "$dir"/trial-added-[46] 2>/dev/null || cat "$dir"/trial-whole-[46]
		finish rejected
	elif [ ! -s "$dir/set-changes" ]; then # --test looks for sets that are not there yet
		for family in 4 6; do
			[ -s "$dir/payload-$family" ] || continue
			restore "$family" --test --noflush <"$dir/payload-$family" 2>>"$dir/errors" >/dev/null || {
				section errors
				cat "$dir/errors"
				finish rejected
			}
		done
	fi
fi
wait "$noting" || give_up unable "$no_process"
listing=''
noting=''
trying=''

# 3. The undo is on the disk; arm it and start the timer.
clock
due=$((uptime + rollback_timeout))
[ ! -e "${boot_note%/*}/boot.conf" ] || note_pending "$dir" 2>/dev/null
read -r boot </proc/sys/kernel/random/boot_id
echo "$due $boot" >"$dir/armed.new"
[ -s "$dir/armed.new" ] && mv "$dir/armed.new" "$dir/armed"
[ -s "$dir/armed" ] || give_up unable "there is no room in $base"
#= armed
unit=iptables-rollback-$id
# logind ends what a setsid child of a session leaves behind where KillUserProcesses is set; a
# unit of systemd's own is safe from it. It is a service that sleeps, not a timer: a service can
# be stopped after others were started, so before those that may save what is not confirmed.
# (systemd-run knows --collect since 236; without it a unit that could not be started stays there as failed.)
start_unit() { # OPTION...
	systemd-run --quiet "$@" --unit="$unit" --property=KillMode=mixed \
		--property="After=netfilter-persistent.service iptables.service ip6tables.service iptables-persistence.service" \
		/bin/sh "$dir/expire.sh" "$dir" "$rollback_timeout" >/dev/null 2>>"$dir/errors"
}
if [ -d /run/systemd/system ] && { start_unit --collect || { grep -q 'unrecognized option' "$dir/errors" && start_unit; }; }; then
	echo "$unit" >"$dir/timer.unit"
elif command -v setsid >/dev/null 2>&1; then
	setsid /bin/sh "$dir/expire.sh" "$dir" "$rollback_timeout" </dev/null >/dev/null 2>&1 9>&- &
	echo $! >"$dir/timer.pid"
	kill -0 $! 2>/dev/null || rm -f "$dir/timer.pid"
fi
[ -s "$dir/timer.unit" ] || [ -s "$dir/timer.pid" ] || {
	rm -f "$dir/armed"
	section errors
	echo "no timer could be started: neither systemd-run nor setsid works"
	cat "$dir/errors"
	finish unable
}

#= timed

# 4. The change: sets before the rules that need them, and those that go when no rule does.
: >"$dir/errors"
take_back() { # RESULT
	section errors
	cat "$dir/errors"
	result=$1
	outcome=$(/bin/sh "$dir/undo.sh" "$dir" reverted locked 1)
	# The timer may have been first.
	[ -n "$outcome" ] || outcome=$(awk -v id="$id" '$1 == id { print $2 }' "$base/outcomes")
	case $outcome in '' | failed*) result=stuck ;; esac
	finish "$result"
}
while read -r number kind name scratch; do
	[ "$kind" = destroy ] || enact_set "$number" "$kind" "$name" "$scratch" </dev/null || take_back undone
done <"$dir/set-changes"
for family in 4 6; do
	[ -s "$dir/payload-$family" ] || continue
	#= begin applied
	# iptables may have waited long for its own lock, and the timer been first: nothing comes in behind it.
	[ -e "$dir/armed" ] && restore "$family" --noflush <"$dir/payload-$family" 2>>"$dir/errors" >/dev/null && continue
	# What was refused as a whole changed nothing. A guard line of the payload that failed means that
	# somebody was faster.
	result=undone
	[ -e "$dir/whole-$family" ] || result=rejected
	touched_tables "$family"
	for table in $tables; do
		list_table "$family" "$table" 2>/dev/null | only_touched "$family" "$table" >"$dir/touched-$family"
		only_touched "$family" "$table" <"$dir/found-$family-$table" | cmp -s - "$dir/touched-$family" || result=changed
	done
	take_back "$result"
done
# Lists of sets go before what they hold.
: >"$dir/set-changes.down"
[ ! -s "$dir/set-changes" ] || LC_ALL=C sort -rn "$dir/set-changes" >"$dir/set-changes.down"
while read -r number kind name scratch; do
	[ "$kind" != destroy ] || enact_set "$number" "$kind" "$name" "$scratch" </dev/null || take_back undone
done <"$dir/set-changes.down"
: >"$dir/landed" # until now an undo that does not get the lock comes again

# 5. What the host says that it has now.
read_back() { # FAMILY
	touched_tables "$1"
	for table in $tables; do
		read -r listed <"$dir/listed-$1-$table"
		list_table "$1" "$table" | is_sum "$listed" && : >"$dir/wanted-$1-$table"
	done
	:
}
families read_back
for family in 4 6; do
	touched_tables "$family"
	for table in $tables; do
		if [ -e "$dir/wanted-$family-$table" ]; then
			section "table-$family-$table wanted"
		else
			widens=no
			section "table-$family-$table"
			list_table "$family" "$table"
		fi
	done
done
while read -r _ _ name _; do
	section "set $name"
	"$ipset" save "$name" 2>/dev/null </dev/null
done <"$dir/set-changes"
#= listed
# Nothing was taken away, and to the letter nothing is there but what was wanted.
if [ "$widens" = yes ] && mv "$dir/armed" "$dir/confirmed" 2>/dev/null; then
	#= disarmed
	: >"$dir/errors"
	keep_commit #= keep
	finish confirmed
fi
finish applied
