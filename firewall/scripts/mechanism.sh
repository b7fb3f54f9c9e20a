# shellcheck shell=sh disable=SC1090,SC1091,SC2034,SC2154 # parts of one script; the variables are set by its caller
# How a host keeps its firewall for the next boot: the file of each family, and the services
# that restore them. What iptables_persistence set up is noted in home/boot.conf, as shell
# variables boot_*; elsewhere it is looked for.
home=/etc/terraform-provider-iptables
unit=iptables-persistence

settings() { # sets boot_*; fails where iptables_persistence set nothing up
	boot_mechanism='' boot_file4='' boot_file6='' boot_services='' boot_enabled_here=''
	boot_backups=5 boot_backup_dir='' boot_version='' boot_ports='' boot_sets='' boot_wanted='' boot_restore4='' boot_restore6=''
	[ -r "$home/boot.conf" ] && . "$home/boot.conf"
}

# boot_sets ends in "/" where it is a folder (see saving.sh).
describe() { # MECHANISM: sets boot_file4, boot_file6, boot_sets, boot_services; fails where it is not there
	boot_sets= # stays empty where nothing restores sets before rules
	case $1 in
	netfilter-persistent)
		boot_file4=/etc/iptables/rules.v4 boot_file6=/etc/iptables/rules.v6
		boot_services=netfilter-persistent
		# Debian's package ipset-persistent
		[ ! -e /usr/share/netfilter-persistent/plugins.d/10-ipset ] || boot_sets=/etc/iptables/ipsets
		[ -e /usr/share/netfilter-persistent/plugins.d/15-ip4tables ]
		;;
	iptables-services)
		boot_services='iptables ip6tables'
		# Its package ipset-service orders itself before iptables.
		[ ! -e /usr/libexec/ipset/ipset.start-stop ] || boot_sets=/etc/sysconfig/ipset
		if [ -e /usr/libexec/iptables/iptables.init ] || { [ -e /etc/init.d/iptables ] && [ -d /etc/sysconfig ]; }; then
			boot_file4=/etc/sysconfig/iptables boot_file6=/etc/sysconfig/ip6tables
		else # Arch has units of the same names
			boot_file4=/etc/iptables/iptables.rules boot_file6=/etc/iptables/ip6tables.rules
			grep -qs "$boot_file4" /usr/lib/systemd/system/iptables.service
		fi
		;;
	openrc)
		boot_services='iptables ip6tables'
		boot_file4=$(openrc_file iptables IPTABLES_SAVE rules-save)
		boot_file6=$(openrc_file ip6tables IP6TABLES_SAVE rules6-save)
		if [ -e /etc/init.d/ipset ]; then # Alpine's reads a folder with a file for each set, Gentoo's one file
			if [ -d /etc/ipset.d ]; then boot_sets=/etc/ipset.d/; else boot_sets=/var/lib/ipset/rules-save; fi
		fi
		[ "$(init_system)" = openrc ] && [ -e /etc/init.d/iptables ]
		;;
	systemd-unit)
		boot_file4=$home/rules.v4 boot_file6=$home/rules.v6 boot_sets=$home/ipsets boot_services=''
		[ -n "$(init_system)" ]
		;;
	*) return 1 ;;
	esac
}

# netfilter-persistent restores sets itself; elsewhere it is a service of its own, ipset.
sets_restored() { [ "$boot_mechanism" = netfilter-persistent ] || enabled ipset; }

openrc_file() { # SERVICE VARIABLE DEFAULT: Alpine and Gentoo name different ones in conf.d
	(
		[ ! -r "/etc/conf.d/$1" ] || . "/etc/conf.d/$1"
		eval "file=\${$2-}"
		echo "${file:-/etc/iptables/$3}"
	)
}

init_system() { # systemd, openrc, sysv, or nothing
	if [ -d /run/systemd/system ]; then
		echo systemd
	elif [ -d /etc/runlevels ]; then
		echo openrc
	elif [ -d /etc/init.d ] && { [ -d /etc/rcS.d ] || [ -d /etc/rc.d ]; }; then
		echo sysv
	fi
}

# The distribution's services call iptables-restore, whichever that is. They are no use for rules
# that are kept in the other backend.
same_backend() { # whether ipt4 or ipt6 speaks to the same one as plain iptables
	case $("${ipt4:-${ipt6:-true}}" --version 2>/dev/null) in *nf_tables*) wanted_backend=nf_tables ;; *) wanted_backend= ;; esac
	case $(iptables --version 2>/dev/null || ip6tables --version 2>/dev/null) in *nf_tables*) plain_backend=nf_tables ;; *) plain_backend= ;; esac
	[ "$wanted_backend" = "$plain_backend" ]
}

installed_mechanism() { # sets boot_mechanism and what belongs to it; fails where there is none
	same_backend || return 1
	for boot_mechanism in netfilter-persistent iptables-services openrc; do
		describe "$boot_mechanism" && return 0
	done
	boot_mechanism=
	return 1
}

enabled() { # SERVICE
	if [ -d /run/systemd/system ] || command -v systemctl >/dev/null 2>&1; then
		systemctl --quiet is-enabled "$1" 2>/dev/null && return 0
	fi
	for link in "/etc/runlevels/"*"/$1" /etc/rc[S2345].d/S[0-9][0-9]"$1" /etc/rc.d/rc[2345].d/S[0-9][0-9]"$1"; do
		[ -e "$link" ] && return 0
	done
	return 1
}

saved_sets() { # PATH: what is in it, as ipset-save prints sets
	case $1 in
	*/) ;;
	*)
		cat "$1"
		return
		;;
	esac
	for saved in "$1"*; do
		[ ! -f "$saved" ] || awk -v name="${saved##*/}" '
			/^#/ || /^$/ { next }
			{ print (any++ ? "add " : "create ") name " " $0 }' "$saved"
	done
}

all_enabled() { # whether everything is enabled that restores the files
	for service in $boot_services ${1-}; do
		[ "$service" != ip6tables ] || [ -n "$ipt6" ] || continue
		[ "$service" != iptables ] || [ -n "$ipt4" ] || continue
		enabled "$service" || return 1
	done
}
