#!/bin/sh
# shellcheck disable=SC1091,SC2154 # boot.conf sets the variables boot_*
# Restores the firewall at boot, before the network comes up. Made by the Terraform resource
# iptables_persistence, which also removes it.
#
# Where a service of the distribution has restored the rules already there is nothing to do. If
# rules are missing it is done again; if that fails, the host is closed but for ssh.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
home=/etc/terraform-provider-iptables
. "$home/boot.conf" || exit 1

say() {
	echo "iptables-persistence: $1" >&2
	echo "iptables-persistence: $1" 2>/dev/null >/dev/kmsg
}

# The host went down while a change was not confirmed: what is in the files by now may be
# that change, saved by a service that was stopped. Before it, they were as in pending.
put_back() {
	[ -e "$home/pending/boot" ] || return 0
	[ "$(cat "$home/pending/boot")" != "$(cat /proc/sys/kernel/random/boot_id)" ] || return 0
	for family in 4 6 s; do
		if [ "$family" = s ]; then file=${boot_sets-}; else eval "file=\$boot_file$family"; fi
		kept=$home/pending/$family
		[ ! -L "$file" ] || file=$(readlink -f "$file") # it stays a link
		if [ ! -e "$kept" ] || cmp -s "$kept" "$file"; then continue; fi
		say "$file holds a change that was not confirmed: it is put back"
		cp -p "$kept" "$file.new" && mv -f "$file.new" "$file"
		changed="$changed $family"
	done
	rm -rf "$home/pending"
}

bare() { # rules without comments and counters, each led by its table
	awk '/^[*]/ { table = $0 } /^:/ { print table, $1, $2 } /^-/ || /^\[/ { sub(/^\[[0-9:]*\] /, ""); print table, $0 }'
}

in_force() { # FAMILY: whether every line of the file is
	eval "file=\$boot_file$1 list=\$boot_save$1"
	[ -r "$file" ] || return 1
	{
		"$list" 2>/dev/null | bare
		echo // # the end of what is in force
		bare <"$file"
	} | awk '
		$0 == "//" { wanted = 1; next }
		!wanted { have[$0]; chain[$1, $2]; next }
		{ any = 1 }
		# A chain that nobody has used yet accepts, and is not listed.
		!($0 in have) && !(/ :[^ ]+ ACCEPT$/ && !(($1, $2) in chain)) { bad = 1 }
		END { exit bad || !any }'
}

load() { # FAMILY
	eval "file=\$boot_file$1 restore=\$boot_restore$1"
	"$restore" <"$file"
}

# Closed, but within reach: what is open already, ssh, and what a host needs to have an address.
fallback() { # FAMILY conntrack|plain
	echo '*filter'
	echo ':INPUT DROP [0:0]'
	echo ':FORWARD DROP [0:0]'
	echo ':OUTPUT ACCEPT [0:0]'
	echo '-A INPUT -i lo -j ACCEPT'
	[ "$2" = plain ] || echo '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'
	# sshd may have moved since boot.conf was written.
	for port in $boot_ports $(sshd -T 2>/dev/null | awk '$1 == "port" { print $2 }'); do
		echo "-A INPUT -p tcp --dport $port -j ACCEPT"
	done
	if [ "$1" = 6 ]; then
		echo '-A INPUT -p ipv6-icmp -j ACCEPT'
		echo '-A INPUT -p udp --sport 547 --dport 546 -j ACCEPT'
	else
		echo '-A INPUT -p icmp -j ACCEPT'
		echo '-A INPUT -p udp --sport 67 --dport 68 -j ACCEPT'
	fi
	echo COMMIT
}

close_host() { # FAMILY
	eval "restore=\$boot_restore$1"
	fallback "$1" conntrack | "$restore" || fallback "$1" plain | "$restore"
}

changed=
put_back
# A folder of sets is read by the service of the distribution that has one.
if [ -f "${boot_sets-}" ] && [ -s "$boot_sets" ]; then
	# What a service has already restored may be older, or a change that was not confirmed.
	awk '{ print } $1 == "create" { print "flush " $2 }' "$boot_sets" | ipset -exist restore || say "$boot_sets could not be restored"
fi
failed=
for family in 4 6; do
	eval "file=\$boot_file$family"
	[ -n "$file" ] || continue
	case $changed in *$family*) ;; *) in_force "$family" && continue ;; esac
	if [ -s "$file" ] && load "$family" && in_force "$family"; then continue; fi
	# A kernel that was started without IPv6 has nothing to close.
	if [ "$family" = 6 ] && [ ! -e /proc/net/if_inet6 ]; then continue; fi
	failed=yes
	if close_host "$family"; then
		say "$file could not be restored: IPv$family is closed except for ssh"
	else
		say "$file could not be restored, and nothing else could: IPv$family HAS NO FIREWALL"
	fi
done
[ -z "$failed" ]
