# shellcheck shell=sh disable=SC2154 # parts of one script; the variables are set by its caller
# Finds rules that another program has put into a table of iptables in nftables' own language, and
# that iptables lists as if they said less: a set of ports is left out ("-p tcp -j ACCEPT"), a range
# of addresses becomes one address. (Seen in 1.8.7, 1.8.9 and 1.8.11. For others it fails by itself.)
#
# What nft prints as text does not tell: it translates iptables' multiport to a set. The instructions
# do: iptables writes a lookup never, and of a packet it loads only what is named below. Before
# 1.8.8 it knew ports, marks and the like only as extensions.
native_rules() { # VERSION: prints "FAMILY TABLE CHAIN" for each chain with such a rule
	nft list tables 2>/dev/null | grep -E '^table ip6? (filter|nat|mangle|raw|security)$' |
		while read -r table; do
			# One at a time: of several at once nft 1.0.6 finds but the last.
			# shellcheck disable=SC2086 # table, its family and its name
			nft --debug=netlink list $table 2>/dev/null </dev/null
		done | awk -v version="$1" '
		function found() { if (chain != "" && !(chain in seen)) { seen[chain]; print chain } }
		BEGIN {
			split(version, v, ".")
			old = v[1] == 1 && (v[2] < 8 || v[2] == 8 && v[3] < 8)
		}
		/^ip6? / { chain = $3 ~ /^@/ ? "" : ($1 == "ip6" ? 6 : 4) " " $2 " " $3; loads = ""; next }
		/^[^ ]/ { chain = ""; next }
		$2 == "lookup" { found() }
		$2 == "payload" && $3 == "load" {
			loads = $6
			at = $9
			if ($6 == "link") found()
			if ($6 == "transport" && (old || at != 0 && at != 2 && at != 13)) found()
			if ($6 == "network" && old && index(chain, 4) == 1 && at != 6 && at != 9 && at != 12 && at != 16) found()
			if ($6 == "network" && old && index(chain, 6) == 1 && at != 6 && at != 8 && at != 24) found()
		}
		$2 == "meta" && $3 == "load" {
			loads = "meta"
			if (old && $4 !~ /^(l4proto|protocol|nfproto|iif|oif|iifname|oifname)$/) found()
		}
		$2 == "meta" && $3 == "set" && old { found() }
		$2 == "cmp" && $3 ~ /^(lt|lte|gt|gte)$/ && loads != "transport" { found() }'
}
