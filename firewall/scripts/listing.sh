# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # parts of one script; the variables are set by its caller
# Reading back the chains that a commit touches. dir holds a file chains-FAMILY-TABLE for each
# table that is touched, with the names of the chains, one a line.

# How each family is listed and restored: iptN, restoreN, wait (of iptables), restore_wait.
touched_tables() { # FAMILY: the names of the tables
	for file in "$dir/chains-$1-"*; do
		[ -e "$file" ] && echo "${file##*-}"
	done
}

list_table() { # FAMILY TABLE
	eval "ipt=\$ipt$1"
	# shellcheck disable=SC2086 # wait is one option and its number
	"$ipt" $wait -t "$2" -S
}

# A built-in chain that nobody touched is listed with policy ACCEPT or, by some versions of
# nft, not at all: that policy is no difference.
only_touched() { # FAMILY TABLE: of a listing, the lines of touched chains
	awk 'NR == FNR { touched[$0]; next }
		$2 in touched && !($1 == "-P" && $3 == "ACCEPT")' "$dir/chains-$1-$2" -
}

# What only_touched will print once the change is in and nobody else did anything. A listing
# made after the change is no substitute: others may have been at work by then.
touched_as_wanted() { # FAMILY TABLE
	awk -v table="*$2" 'NR == FNR { touched[$0]; next }
		/^[*]/ { here = $0 == table }
		/^:/ { name = substr($1, 2) }
		/^:/ && here && name in touched && $2 == "-" { print "-N " name }
		/^:/ && here && name in touched && $2 != "-" && $2 != "ACCEPT" { print "-P " name " " $2 }
		$1 == "-A" && here && $2 in touched' "$dir/chains-$1-$2" "$dir/whole-$1"
}

restore() { # FAMILY OPTION...
	eval "program=\$restore$1"
	shift
	# shellcheck disable=SC2086
	"$program" $restore_wait "$@"
}
