# shellcheck shell=sh disable=SC1090,SC1091,SC2034,SC2154 # parts of one script; the variables are set by its caller
# Sets up how a host restores its firewall at boot, or takes that down again. The running
# firewall is not touched. Its input is parts, each led by "MARK NAME":
#
#   boot.sh unit.systemd unit.openrc unit.sysv   texts
#   expect-F                                     the rules of family F as they were read
#   save-F                                       what is to be restored of them
#   save-sets                                    the sets that they need, empty where there are none
#   end                                          the word "end"
#
# Variables: mark, id, lock_timeout, wanted (auto, one of the mechanisms, none; empty: take down),
# backups, backup_dir, port (of this login), version, ipt4, ipt6 (programs, empty where the host
# has none).
#
# The last section is "MARK result RESULT":
#   busy      a change is under way; nothing was done
#   changed   the rules are not as expected; nothing was done
#   absent    the wanted mechanism is not there; nothing was done
#   failed    something went wrong, see errors; it can be tried again
#   done
section() { printf '%s %s\n' "$mark" "$*"; }
finish() {
	echo # what it printed last may have no line break at its end
	rm -rf "$dir"
	section "result $1"
	exit 0
}
give_up() { # RESULT REASON
	section errors
	echo "$2"
	[ ! -s "$dir/errors" ] || cat "$dir/errors"
	finish "$1"
}
dir=/nonexistent
umask 077
command -v flock >/dev/null 2>&1 || give_up failed 'the program flock is missing'
open_base || give_up failed "$no_base"

lock_until_free() {
	clock
	locked_until=$((uptime + lock_timeout))
	while :; do
		clock
		left=$((locked_until - uptime))
		if [ "$left" -lt 0 ] || ! lock "$left"; then return 1; fi
		undecided || return 0
		unlock
		sleep 0.2 2>/dev/null || sleep 1
	done
}
lock_until_free || give_up busy 'another run is changing this host'

dir=$base/$id
mkdir "$dir" || give_up failed "$dir cannot be made"
{ take_parts "$dir" && [ -s "$dir/end" ]; } || give_up failed "there is no room in $base"
: >"$dir/errors"

bare() { # a listing without comments and counters
	awk '/^[*]/ { print } /^:/ { print $1, $2 } /^-/ { print }'
}
for family in 4 6; do
	eval "list=\$ipt$family-save"
	[ -e "$dir/expect-$family" ] || continue
	"$list" 2>/dev/null | bare >"$dir/now-$family"
	bare <"$dir/expect-$family" | cmp -s - "$dir/now-$family" || give_up changed 'the rules were changed meanwhile'
done

# What is set up so far.
settings && known=yes || known=no
old_mechanism=$boot_mechanism old_file4=$boot_file4 old_file6=$boot_file6 old_sets=$boot_sets
old_services=$boot_services old_enabled=$boot_enabled_here

enable_service() { # SERVICE RUNLEVEL
	if command -v systemctl >/dev/null 2>&1; then
		systemctl --quiet enable "$1"
	elif command -v rc-update >/dev/null 2>&1; then
		rc-update --quiet add "$1" "${2:-boot}"
	elif command -v chkconfig >/dev/null 2>&1; then
		chkconfig --add "$1" && chkconfig "$1" on
	elif command -v update-rc.d >/dev/null 2>&1; then
		update-rc.d "$1" defaults
	else
		return 1
	fi
}

disable_service() { # SERVICE
	if command -v systemctl >/dev/null 2>&1; then
		systemctl --quiet disable "$1"
	elif command -v rc-update >/dev/null 2>&1; then
		rc-update --quiet --all del "$1"
	elif command -v chkconfig >/dev/null 2>&1; then
		chkconfig "$1" off
	elif command -v update-rc.d >/dev/null 2>&1; then
		update-rc.d "$1" disable
	fi
}

unit_file() {
	case $(init_system) in
	systemd) echo "/etc/systemd/system/$unit.service" ;;
	openrc | sysv) echo "/etc/init.d/$unit" ;;
	esac
}

# update-rc.d and insserv of Debian want every script of rcS to be known; a link is all it takes.
link_sysv() {
	for folder in /etc/rcS.d /etc/rc.d/rc2.d /etc/rc.d/rc3.d /etc/rc.d/rc4.d /etc/rc.d/rc5.d; do
		[ ! -d "$folder" ] || ln -sf "/etc/init.d/$unit" "$folder/S09$unit" || return
		case $folder in /etc/rcS.d) return 0 ;; esac
	done
}

install_unit() {
	file=$(unit_file)
	[ -n "$file" ] || return 0
	text=$dir/unit.$(init_system)
	if ! cmp -s "$text" "$file"; then
		cp "$text" "$file.new" && chmod 644 "$file.new" && mv -f "$file.new" "$file" || return
	fi
	case $(init_system) in
	systemd) systemctl daemon-reload && enable_service "$unit.service" ;;
	openrc) chmod 755 "$file" && enable_service "$unit" boot ;;
	sysv) chmod 755 "$file" && link_sysv ;;
	esac
}

remove_unit() {
	file=$(unit_file)
	[ -e "$file" ] || return 0
	case $(init_system) in
	systemd) systemctl --quiet disable "$unit.service" ;;
	openrc) disable_service "$unit" ;;
	sysv) rm -f "/etc/rcS.d/S09$unit" /etc/rc.d/rc[2345].d/"S09$unit" ;;
	esac
	rm -f "$file" || return
	[ ! -d /run/systemd/system ] || systemctl daemon-reload
}

give_back() { # the files as they were before, and the services as they were before
	for family in 4 6; do
		eval "file=\$old_file$family"
		[ -n "$file" ] || continue
		if [ -e "$home/before/$family" ]; then
			cmp -s "$home/before/$family" "$file" || replace_file "$file" "$home/before/$family" || return
		elif [ -e "$file" ]; then
			back_up "$file" && rm -f "$file" || return
		fi
	done
	give_back_sets || return
	for service in $old_enabled; do
		disable_service "$service" || return
	done
	rm -rf "$home/before"
}

give_back_sets() {
	case $old_sets in
	'' | "$home"/*) return 0 ;;
	*/)
		rm -f "$old_sets"*
		for file in "$home/before/sets"/*; do
			[ ! -e "$file" ] || cp -p "$file" "$old_sets" || return
		done
		return
		;;
	esac
	if [ -e "$home/before/sets" ]; then
		cmp -s "$home/before/sets" "$old_sets" || replace_file "$old_sets" "$home/before/sets"
	elif [ -e "$old_sets" ]; then
		back_up "$old_sets" && rm -f "$old_sets"
	fi
}

if [ -z "$wanted" ]; then
	[ "$known" = yes ] || finish 'done'
	{ give_back && remove_unit; } 2>>"$dir/errors" || give_up failed 'what was there before could not be brought back'
	rm -rf "$home/boot.conf" "$home/boot.sh" "$home/pending" "$home/rules.v4" "$home/rules.v6" "$home/ipsets"
	rmdir "$home" 2>/dev/null # backups stay
	finish 'done'
fi

case $wanted in
none) boot_mechanism=none boot_file4='' boot_file6='' boot_sets='' boot_services='' ;;
auto)
	# What is in use stays in use, as long as it is there.
	if [ "$known" != yes ] || [ "$old_mechanism" = none ] || ! describe "$old_mechanism"; then
		installed_mechanism || {
			boot_mechanism=systemd-unit
			describe systemd-unit || give_up absent 'it has no init system that is known: neither systemd nor OpenRC nor /etc/rcS.d'
		}
	fi
	;;
*)
	boot_mechanism=$wanted
	describe "$wanted" || give_up absent "it has no $wanted"
	[ "$wanted" = systemd-unit ] || same_backend ||
		give_up absent "its $wanted restores rules by plain iptables-restore, which is of the other backend"
	;;
esac
# What the mechanism does not restore, boot.sh does.
case $boot_sets in */) enabled ipset || boot_sets='' ;; esac
[ -n "$boot_sets" ] || [ "$boot_mechanism" = none ] || boot_sets=$home/ipsets
[ -n "$ipt4" ] || boot_file4=
[ -n "$ipt6" ] || boot_file6=

# A trial in an empty network namespace: what would fail at boot fails now.
if unshare -n true 2>/dev/null; then
	ipset save 2>/dev/null | grep '^create' >"$dir/sets"
	for family in 4 6; do
		eval "program=\$ipt$family-restore"
		[ -e "$dir/save-$family" ] || continue
		# shellcheck disable=SC2016 # the inner shell expands its own arguments
		unshare -n /bin/sh -c '[ ! -s "$1" ] || ipset restore <"$1" || exit
			exec "$3" <"$2"' trial "$dir/sets" "$dir/save-$family" "$program" >/dev/null 2>>"$dir/errors" ||
			give_up failed 'its iptables does not restore what it lists'
	done
fi

set_up() {
	mkdir -p "$home" && chmod 755 "$home" || return
	if [ "$known" = yes ] && [ "$old_file4 $old_file6 $old_sets" != "$boot_file4 $boot_file6 $boot_sets" ]; then
		give_back || return
		known=no
	fi
	boot_enabled_here=$old_enabled
	[ "$known" = yes ] || boot_enabled_here=
	if [ "$known" = no ]; then
		rm -rf "$home/before" && mkdir "$home/before" || return
		for family in 4 6; do
			eval "file=\$boot_file$family"
			[ ! -e "$file" ] || cp -p "$file" "$home/before/$family" || return
		done
		case $boot_sets in
		'' | "$home"/*) ;;
		*) [ ! -e "$boot_sets" ] || cp -pR "${boot_sets%/}" "$home/before/sets" || return ;;
		esac
	fi
	for service in $boot_services; do
		enabled "$service" && continue
		case " $boot_enabled_here " in *" $service "*) ;; *) boot_enabled_here="$boot_enabled_here $service" ;; esac
	done
	boot_ports=$(
		{
			echo "$port"
			sshd -T 2>/dev/null | awk '$1 == "port" { print $2 }'
		} | sort -un | tr '\n' ' '
	)
	boot_wanted=$wanted boot_backups=$backups boot_backup_dir=$backup_dir boot_version=$version
	boot_restore4=${ipt4:+$ipt4-restore} boot_restore6=${ipt6:+$ipt6-restore}
	boot_save4=${ipt4:+$ipt4-save} boot_save6=${ipt6:+$ipt6-save}
	# The record comes first: what is enabled after it can be disabled by it.
	write_settings || return
	cp "$dir/boot.sh" "$home/boot.sh.new" && chmod 755 "$home/boot.sh.new" && flush "$home/boot.sh.new" && mv -f "$home/boot.sh.new" "$home/boot.sh" || return
	if [ "$boot_mechanism" = none ]; then
		remove_unit
		return
	fi
	if [ -s "$dir/save-sets" ] || [ -e "$boot_sets" ]; then save_sets "$boot_sets" "$dir/save-sets" || return; fi
	for family in 4 6; do
		eval "file=\$boot_file$family"
		if [ -z "$file" ] || [ ! -e "$dir/save-$family" ] || cmp -s "$dir/save-$family" "$file"; then continue; fi
		replace_file "$file" "$dir/save-$family" || return
	done
	for service in $boot_enabled_here; do
		[ "$service" != ip6tables ] || [ -n "$ipt6" ] || continue
		enabled "$service" || enable_service "$service" || return
	done
	install_unit
}

write_settings() {
	{
		echo '# Written by terraform-provider-iptables (iptables_persistence). Read by boot.sh.'
		for name in wanted mechanism file4 file6 services enabled_here ports backups backup_dir version restore4 restore6 save4 save6 sets; do
			eval "value=\$boot_$name"
			printf "boot_%s='%s'\n" "$name" "$value"
		done
	} >"$home/boot.conf.new" && chmod 644 "$home/boot.conf.new" && flush "$home/boot.conf.new" && mv -f "$home/boot.conf.new" "$home/boot.conf"
}

set_up 2>>"$dir/errors" || give_up failed 'it could not be set up'
finish 'done'
