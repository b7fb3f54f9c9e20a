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

# A listing that is known beforehand is told by its sum: nobody sends it to be compared.
is_sum() { # PART <LISTING: whether that file of dir holds the sum of it
	read -r known <"$dir/$1" && have=$(sha256sum) && [ "${have%% *}" = "$known" ]
}

restore() { # FAMILY OPTION...
	eval "program=\$restore$1"
	shift
	# shellcheck disable=SC2086
	"$program" $restore_wait "$@"
}
