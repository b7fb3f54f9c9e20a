# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # parts of one script; the variables are set by its caller
# Reads the facts of the host and the rules of both families; changes nothing.
# mark: begins every line that is ours, not the host's. backend: auto, nft or legacy.
# lock_timeout: how long a commit that is not confirmed yet is waited for, in seconds.
# counters: "-c" to read counters too, or "".
section() { printf '%s %s\n' "$mark" "$*"; }
fact() { printf '%s=%s\n' "$1" "$2"; }

# An `iptables` that is switched to the other backend would show an empty firewall, while the rules
# are in force. What iptables_persistence has noted counts; and within a run, the binary that is named
# after its backend.
held() { # iptables | ip6tables
	settings || return
	case $1 in iptables) noted=$boot_restore4 ;; *) noted=$boot_restore6 ;; esac
	noted=${noted%-restore}
	[ -x "$noted" ] && [ "${noted##*/}" != "$1" ] && echo "$noted"
}

own_backend() { # iptables | ip6tables
	found=$(command -v "$1") || return
	case $("$found" --version 2>/dev/null) in *nf_tables*) named=$found-nft ;; *) named=$found-legacy ;; esac
	if [ -x "$named" ] && [ -x "$named-save" ] && [ -x "$named-restore" ]; then echo "$named"; else echo "$found"; fi
}

program() { # iptables | ip6tables: the binary of the wanted backend, or nothing
	case $backend in
	auto) held "$1" || own_backend "$1" ;;
	*) command -v "$1-$backend" || { "$1" --version 2>/dev/null | grep -q "$2" && command -v "$1"; } ;;
	esac
}
case $backend in nft) said='nf_tables' ;; *) said='legacy' ;; esac

section facts
hold_still "$lock_timeout" || fact undecided yes
fact uid "$(id -u)"
fact ssh_connection "${SSH_CONNECTION-}"
fact kernel "$(uname -sr)"
[ -r /etc/os-release ] && fact system "$(. /etc/os-release && printf '%s %s' "${ID-}" "${VERSION_ID-}")"
[ -e /proc/net/if_inet6 ] && fact ipv6 yes
for tool in flock awk unshare systemd-run setsid ipset gunzip base64; do
	command -v "$tool" >/dev/null 2>&1 && fact tool "$tool"
done
if command -v ip >/dev/null 2>&1; then
	# By what interface the rest of the world is reached. Nothing is sent to these addresses.
	fact route4 "$(ip -o -4 route get 1.1.1.1 2>/dev/null)"
	fact route6 "$(ip -o -6 route get 2000::1 2>/dev/null)"
	section addresses
	ip -o addr show 2>/dev/null
	section facts
fi

# What else manages the firewall here.
[ -S /run/docker.sock ] && fact software docker
[ -S /run/fail2ban/fail2ban.sock ] && fact software fail2ban
grep -qs '^ENABLED=yes' /etc/ufw/ufw.conf && fact software ufw
[ -d /run/firewalld ] && fact software firewalld

ipt4=$(program iptables "$said")
ipt6=$(program ip6tables "$said")

# Where the host keeps rules for its next boot. What the files hold is read only where somebody
# is there to compare it: an iptables_persistence.
boot_facts() {
	kept=
	if settings; then
		kept=$unit
		for name in wanted backups backup_dir version ports; do
			eval "fact boot_$name \"\$boot_$name\""
		done
	else
		installed_mechanism || return
		[ -z "$boot_sets" ] || sets_restored || boot_sets=
	fi
	fact boot "$boot_mechanism"
	fact boot_file4 "$boot_file4"
	fact boot_file6 "$boot_file6"
	fact boot_sets "$boot_sets"
	[ "$boot_mechanism" != none ] || return
	if all_enabled "$kept" && { [ -z "$kept" ] || [ -e "$home/boot.sh" ]; }; then fact boot_enabled yes; fi
	[ -n "$kept" ] || return
	for family in 4 6; do
		eval "file=\$boot_file$family"
		[ -r "$file" ] || continue
		section "boot$family"
		cat "$file"
		echo
	done
	if [ -e "$boot_sets" ]; then
		section bootsets
		saved_sets "$boot_sets"
		echo
	fi
	section facts
}
boot_facts
# A kernel that was started without IPv6 has no such firewall. ip6tables-legacy-save says so, or
# prints nothing; iptables-nft needs no IPv6.
has_ipv6() {
	said=$("$ipt6" -S 2>&1 >/dev/null) && return
	case $said in *'Address family not supported'*) return 1 ;; esac
	[ -e /proc/net/if_inet6 ]
}

for family in 4 6; do
	eval "ipt=\$ipt$family"
	[ -n "$ipt" ] || continue
	# The sibling programs of a binary are named after it: iptables-nft, iptables-nft-save.
	section "save$family"
	# shellcheck disable=SC2086 # one option or none
	"$ipt-save" $counters
	status=$?
	section facts
	if [ "$family" = 6 ] && { [ "$status" != 0 ] || [ ! -e /proc/net/if_inet6 ]; }; then has_ipv6 || continue; fi
	fact "program$family" "$ipt"
	fact "version$family" "$("$ipt" --version 2>/dev/null)"
	fact "status$family" "$status"
done

# Sets, where there are any. Those of other software change all the time, and are read without
# their entries. foreign_sets: an extended regular expression of their names.
if names=$(ipset list -n 2>/dev/null) && [ -n "$names" ]; then
	section sets
	{
		ipset save
		printf 'status=%s\n' "$?"
	} | grep -Ev "^add ($foreign_sets) "
	section facts
fi

# The other backend. Its tools create tables when they list, so the kernel is asked first.
case $("${ipt4:-${ipt6:-true}}" --version 2>/dev/null) in
*nf_tables*)
	native_rules "$("${ipt4:-$ipt6}" --version | sed 's/^[^ ]* v\([0-9.]*\).*/\1/')" | while read -r chain; do fact native "$chain"; done
	for family in '' 6; do
		grep -qs . "/proc/net/ip${family}_tables_names" || continue
		command -v "ip${family}tables-legacy-save" >/dev/null 2>&1 || continue
		section "other${family:-4}"
		"ip${family}tables-legacy-save" 2>/dev/null
	done
	;;
*legacy*)
	if command -v nft >/dev/null 2>&1 && nft list tables 2>/dev/null | grep -Eq '^table ip6? (filter|nat|mangle|raw|security)$'; then
		for family in '' 6; do
			command -v "ip${family}tables-nft-save" >/dev/null 2>&1 || continue
			section "other${family:-4}"
			"ip${family}tables-nft-save" 2>/dev/null
		done
	fi
	;;
esac
section end
