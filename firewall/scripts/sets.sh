# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # parts of one script; the variables are set by its caller
# The ipsets that a commit changes. dir/set-changes has a line for each: NUMBER KIND NAME SCRATCH,
# in an order in which they can be made: lists of sets last. ipset is the program. Kinds:
#
#   make     the set is new: it is built as SCRATCH and renamed
#   swap     it is built as SCRATCH and swapped, in one step for the rules that use it
#   replace  the same for a set of another type, which nobody may use meanwhile
#   destroy  it goes away
#
# dir/set-N is the wanted set under the name SCRATCH, for `ipset restore`. The script writes
# set-before-N and set-after-N, listings as list_set makes them, and set-kept-N, the entries that
# were to run out of a set that was destroyed.

# What a set is, in a fixed order, whatever its name: without entries that will run out, and
# without numbers that the kernel counts or chooses. setListing in snapshot.go does the same.
list_set() { # NAME
	"$ipset" save "$1" 2>/dev/null | awk '
		{ at = index($0, " comment \""); text = at ? substr($0, at) : ""; line = at ? substr($0, 1, at - 1) : $0 }
		$1 == "create" {
			sub(/ hashsize [0-9]+/, "", line); sub(/ bucketsize [0-9]+/, "", line)
			sub(/ initval 0x[0-9a-f]+/, "", line); sub(/ size [0-9]+/, "", line)
		}
		$1 == "add" {
			if (line ~ / timeout [1-9]/) next
			sub(/ timeout 0/, "", line); sub(/ packets [0-9]+ bytes [0-9]+/, "", line)
		}
		{ sub(/^[^ ]+ [^ ]+ /, "", line); print $1 " " line text }' | LC_ALL=C sort -r # "create" first
}

temporaries() { # NAME: its entries that will run out, without the words in front of them
	"$ipset" save "$1" 2>/dev/null | sed -n 's/^add [^ ]* \([^ ]* timeout [1-9].*\)/\1/p'
}

# An entry that will run out is its owner's business: it moves over, unless the other set
# holds the element for good. Where that has no timeouts it stays behind.
carry() { # SCRATCH LISTING <temporaries
	grep -q '^create .* timeout ' "$2" || return 0
	awk -v name="$1" '
		part == "held" { held[$2]; next }
		!($1 in held) { print "add " name " " $0 }' part=held "$2" part=mine - | "$ipset" restore -exist 2>/dev/null
	return 0
}

drop_scratch() { # DIR: the half-built sets of a commit
	[ -s "$1/set-changes" ] || return 0
	while read -r _ _ _ scratch; do
		ipset destroy "$scratch" 2>/dev/null
	done <"$1/set-changes"
}

is_list() { grep -q '^create [^ ]* list:set' "$dir/set-$1"; } # NUMBER

build_set() { # NUMBER SCRATCH
	"$ipset" restore <"$dir/set-$1" 2>>"$dir/errors" || return
	list_set "$2" >"$dir/set-after-$1"
}

enact_set() { # NUMBER KIND NAME SCRATCH
	# A list of sets can be built only when its members are there.
	[ "$2" = destroy ] || [ -e "$dir/set-after-$1" ] || build_set "$1" "$4" || return
	case $2 in
	make) "$ipset" rename "$4" "$3" ;;
	swap)
		temporaries "$3" | carry "$4" "$dir/set-after-$1"
		"$ipset" swap "$4" "$3" && "$ipset" destroy "$4"
		;;
	replace)
		temporaries "$3" >"$dir/set-kept-$1"
		"$ipset" destroy "$3" && "$ipset" rename "$4" "$3"
		;;
	destroy)
		temporaries "$3" >"$dir/set-kept-$1"
		"$ipset" destroy "$3"
		;;
	esac 2>>"$dir/errors"
}

# Back to what the set was, but for what others did to it since. Each step can be done twice: the
# set is built anew from its listing.
undo_set() { # NUMBER KIND NAME SCRATCH
	before=$dir/set-before-$1 now=$dir/set-now-$1
	list_set "$3" >"$now"
	cmp -s "$now" "$before" && return 0
	after=$dir/set-after-$1 since=$now
	[ "$2" = swap ] && [ -s "$now" ] && [ -e "$after" ] || after=/dev/null since=/dev/null
	awk -v scratch="$4" '
		function write(   at, rest) {
			rest = substr($0, 5)
			if (timed) {
				at = index(rest " ", " ")
				rest = substr(rest, 1, at - 1) " timeout 0" substr(rest, at)
			}
			print "add " scratch " " rest
		}
		part == "after" { after[$0]; next }
		part == "since" { since[$0]; next }
		part == "before" && $1 == "create" { timed = / timeout /; sub(/^create/, "create " scratch); print; next }
		part == "before" { before[$0]; if (!($0 in after) || ($0 in since)) write(); next }
		$1 == "add" && !($0 in after) && !($0 in before) { write() }
	' part=after "$after" part=since "$since" part=before "$before" part=more "$since" >"$dir/fitted"
	"$ipset" destroy "$4" 2>/dev/null
	"$ipset" restore <"$dir/fitted" 2>>"$dir/errors" || return
	if [ -s "$now" ]; then
		temporaries "$3" | carry "$4" "$before"
		if "$ipset" swap "$4" "$3" 2>/dev/null; then
			"$ipset" destroy "$4"
		else
			"$ipset" destroy "$3" && "$ipset" rename "$4" "$3"
		fi
	else
		[ ! -e "$dir/set-kept-$1" ] || carry "$4" "$before" <"$dir/set-kept-$1"
		"$ipset" rename "$4" "$3"
	fi 2>>"$dir/errors"
}

undo_made_set() { # NAME
	"$ipset" list -n "$1" >/dev/null 2>&1 || return 0
	"$ipset" destroy "$1" 2>>"$dir/errors"
}
