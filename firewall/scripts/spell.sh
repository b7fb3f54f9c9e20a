# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # parts of one script; the variables are set by its caller
# Asks iptables how it lists rules, each loaded by itself in a network namespace of its own, so that
# nothing on the host changes. Each line of the input is a rule: family, table, chain, the chains
# to declare for it (with commas, or -), and its text.
# mark: begins every line that is ours. ipt4, ipt6: the programs.
sets=$(ipset save 2>/dev/null | grep '^create')

elsewhere() { # loads standard input in a namespace, and lists the chain
	# shellcheck disable=SC2016 # the inner shell expands its own arguments
	unshare -n /bin/sh -c '[ -z "$1" ] || printf "%s\n" "$1" | ipset restore || exit
		"$2-restore" --noflush && "$2" -t "$3" -S "$4"' spell "$sets" "$ipt" "$table" "$chain"
}

while read -r family table chain declare spec; do
	printf '%s rule\n' "$mark"
	eval "ipt=\$ipt$family"
	{
		printf '*%s\n' "$table"
		[ "$declare" = - ] || printf '%s\n' "$declare" | tr , '\n' | sed 's/.*/:& -/'
		printf '%s\n' "-A $chain $spec" COMMIT
	} | elsewhere 2>/dev/null
done
printf '%s end\n' "$mark"
