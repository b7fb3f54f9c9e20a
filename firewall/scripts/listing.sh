# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # parts of one script; the variables are set by its caller
# Reading back the chains that a commit touches. tablesN are the tables of a family that are touched; dir holds a file
# chains-FAMILY-TABLE for each, with the names of the chains, one a line.

# How each family is listed and restored: iptN, restoreN, wait (of iptables), restore_wait.
touched_tables() { eval "tables=\$tables$1"; } # FAMILY: sets tables

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

# A listing that is known beforehand is told by its sum (SHA-256): nobody sends it to be compared.
is_sum() { # SUM <LISTING: 2 where it cannot be told
	have=$(sha256sum) || return 2
	[ "${have%% *}" = "$1" ]
}

are_sums() { # PART: whether the files of dir have the sums that it names, "SUM  FILE" in each line
	(cd "$dir" && sha256sum -c "$1") >/dev/null 2>&1
}

restore() { # FAMILY OPTION...
	eval "program=\$restore$1"
	shift
	# shellcheck disable=SC2086
	"$program" $restore_wait "$@"
}
