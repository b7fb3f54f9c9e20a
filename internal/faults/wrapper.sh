#!/bin/sh
# Stands in front of a program that commits use, under its name and first in PATH: it stops at a step that was asked for,
# and fails or lies where it was told to. What it was told is in files of home; see step.go and fault.go.
name=${0##*/}
home=/var/faults
for folder in /usr/sbin /usr/bin /sbin /bin; do
	real=$folder/$name
	[ ! -x "$real" ] || break
done
[ -e $home/told ] || exec "$real" "$@"

is() { # FILE: whether a commit has it
	for file in /run/terraform-provider-iptables/*/"$1" /var/lib/terraform-provider-iptables/*/"$1"; do
		[ ! -e "$file" ] || return 0
	done
	return 1
}

at() { # STEP: stops here, once, if this is what was asked for
	[ -e $home/stop ] && read -r stop <$home/stop && [ "$stop" = "$1" ] || return 0
	/bin/mv $home/stop $home/stopped 2>/dev/null || return 0
	echo "$1" >$home/at
	read -r _ <$home/go
}

then_at() { # STEP COMMAND...
	step=$1
	shift
	"$@"
	status=$?
	[ "$status" != 0 ] || at "$step"
	exit "$status"
}

all_saved() { # whether what a commit saves is in its place
	for path in /run/terraform-provider-iptables/*/save-*.path /var/lib/terraform-provider-iptables/*/save-*.path; do
		if [ -e "$path" ] && read -r place <"$path"; then cmp -s "${path%.path}" "$place" || return; fi
	done
}

spoil() { # KIND: whether this call is to go wrong; a number in the file says how many more
	[ -e "$home/$1" ] && read -r left <"$home/$1" || return 1
	if [ "$left" = 1 ]; then /bin/rm -f "$home/$1"; else echo $((left - 1)) >"$home/$1"; fi
}

before=yes
if is armed || is undoing; then before=; fi
case "$name $*" in
"flock -n 9")
	if [ -n "$before" ]; then then_at locked "$real" "$@"; fi
	is undoing || at entered
	;;
"unshare -n "*-restore*) [ -z "$before" ] || at trying ;;
"sha256sum -c found")
	"$real" "$@"
	status=$?
	at compared
	exit "$status"
	;;
"mv "*/armed.new" "*)
	at written
	then_at armed "$real" "$@"
	;;
"mv "*/armed" "*/confirmed)
	at confirming
	then_at disarmed "$real" "$@"
	;;
"mv -f "*.new-*) # both are saved at a time
	case $* in *6*.new-*) at saving ;; esac
	"$real" "$@"
	status=$?
	! all_saved || at saved
	exit "$status"
	;;
"rm -rf /"*/terraform-provider-iptables/*) ! is confirmed || at recorded ;;
"date "*)
	# The wall clock of this host jumps by years, forward and back.
	if [ -e $home/clock ]; then
		read -r jump <$home/clock
		echo $((-jump)) >$home/clock
		shift
		exec "$real" -u -d "@$((1700000000 + jump))" "$@"
	fi
	;;
ip*tables-restore*)
	if spoil "fail-$name"; then
		echo "$name: line 2 failed" >&2
		exit 1
	fi
	case " $* " in
	*" --test "*) ;;
	*" --noflush "*)
		[ -n "$before" ] || is undoing || case $name in # before, it is the trial
		iptables-restore) at timed ;;
		ip6tables-restore)
			at half
			then_at applied "$real" "$@"
			;;
		esac
		;;
	esac
	;;
ip*tables*" -S")
	if is armed && ! is undoing; then
		if spoil lie; then
			read -r how <$home/how
			case $how in
			other) "$real" "$@" | sed 's/--dport \([0-9]\)/--dport 1\1/' ;;
			less) "$real" "$@" | sed '/-m comment/d' ;;
			more) "$real" "$@" && echo '-A INPUT -s 192.0.2.99/32 -j ACCEPT' ;;
			none) exit 1 ;;
			noise) "$real" "$@" && echo 'Segmentation fault' ;;
			esac
			exit
		fi
		[ "$name" != ip6tables ] || then_at listed "$real" "$@"
	fi
	;;
esac
exec "$real" "$@"
