# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # parts of one script; the variables are set by its caller
# What every script that writes begins with: the directory of the commits, and the lock.
#
# base/lock       held (flock) by whoever changes rules right now
# base/outcomes   one line for each finished commit: its id and how it ended
# base/ID/armed   while it exists, the commit ID is not confirmed. Whoever renames it decides
#                 what becomes of the commit: the timer, the new login, or a later commit that
#                 finds it overdue.
# base/ID/undoing the undo of the commit ID is at work
# base/ID/boot-F  the file from which the host restores family F (s: ipsets) at boot, as it was
#
# Nobody but root can write in there, nor where it stands, so no other user can plant or hold any of
# these. Some containers have a /run that all can write (docker run --tmpfs /run): that is passed over.

no_process='the host could not start a process: it may be out of memory, or at a limit'

clock() { # sets uptime: the seconds since boot, which nobody sets
	read -r uptime _ </proc/uptime
	uptime=${uptime%%.*}
}

overdue() { # FILE: the armed or undoing of a commit whose timer should have fired
	read -r due boot <"$1" || [ -e "$1" ] || return
	# In /var/lib a file may be empty after power has failed: what it said was not on the disk yet.
	case $due in '' | *[!0-9]*) return 0 ;; esac
	read -r this_boot </proc/sys/kernel/random/boot_id
	clock
	[ "$uptime" -gt $((due + 5)) ] || [ "$boot" != "$this_boot" ]
}

private() { # FOLDER...: whether nobody else can write in them: all, a group, or who is in an access list (+)
	for each in "$@"; do
		[ -d "$each" ] && [ -O "$each" ] || return
	done
	# shellcheck disable=SC2012 # only the modes and groups are read
	ls -ldn "$@" | {
		last=
		while read -r mode _ _ group _; do
			case $mode:$group in
			l* | d???????w* | d????w????+*) exit 1 ;;
			d????w*:0) ;; # root's own group
			d????w*) exit 1 ;;
			esac
			last=$mode
		done
		[ -n "$last" ]
	}
}

follow() { # PATH: sets target, where it leads: a link stays a link
	target=$1
	[ ! -L "$1" ] || target=$(readlink -f "$1" 2>/dev/null || echo "$1")
}

# Where it fails it sets base, too, to a folder of earlier commits that cannot be written any more, and
# no_base says why.
open_base() { # sets base
	no_base='neither /run nor /var/lib can be written'
	for parent in /run /var/run /var/lib; do
		folder=$parent/terraform-provider-iptables
		[ -d "$folder" ] || { private "$parent/." && mkdir -m 700 "$folder" 2>/dev/null; }
		private "$parent/." "$folder" || continue # /var/run is a link
		base=$folder
		if (: >>"$base/lock") 2>/dev/null; then return 0; fi
		# One that has become read-only is not left for another: commits must meet each other.
		if [ -e "$base/lock" ]; then
			no_base="$base can no longer be written"
			return 1
		fi
	done
	return 1
}

# flock of busybox has no timeout, so waiting is done here.
lock() { # SECONDS: takes file descriptor 9
	[ -e "$base/lock" ] || (: >>"$base/lock") 2>/dev/null || return 1
	exec 9<"$base/lock" # which may have become read-only
	clock
	lock_until=$((uptime + $1))
	until flock -n 9; do
		clock
		[ "$uptime" -lt "$lock_until" ] || return 1
		sleep 0.1 2>/dev/null || sleep 1
	done
}

unlock() { exec 9>&-; }

command_of() { # PID: sets command, without the NULs between its words; empty where there is none
	command=
	read -r command <"/proc/$1/cmdline"
} 2>/dev/null

timer_lives() { # DIR: whether the timer of a commit is there, and tries again where it could not take it back
	if [ -e "$1/timer.unit" ]; then
		systemctl --quiet is-active "$(cat "$1/timer.unit").service" 2>/dev/null
	else
		[ -e "$1/timer.pid" ] && read -r timer <"$1/timer.pid" || return
		command_of "$timer"
		case $command in *"$1/expire.sh"*) ;; *) return 1 ;; esac
	fi
} 2>/dev/null

undecided() { # whether a commit may still be taken back
	for file in "$base"/*/armed "$base"/*/undoing; do
		if [ -e "$file" ] && { ! overdue "$file" || timer_lives "${file%/*}"; }; then return 0; fi
	done
	return 1
}

# What is not confirmed yet may be gone a moment later: a reader waits for the decision, and
# then keeps new commits out as long as file descriptor 9 is open. It writes nothing.
hold_still() { # SECONDS
	held=
	for parent in /run /var/run /var/lib; do
		base=$parent/terraform-provider-iptables
		# What somebody else has put there may be a pipe, which to open could take for ever.
		if [ -e "$base/lock" ] && private "$parent/." "$base"; then held=yes && break; fi
	done
	[ -n "$held" ] && command -v flock >/dev/null 2>&1 || return 0
	clock
	lock_until=$((uptime + $1))
	while :; do
		exec 9<"$base/lock"
		if flock -s -n 9 && ! undecided; then return 0; fi
		exec 9<&-
		clock
		[ "$uptime" -lt "$lock_until" ] || return 1
		sleep 0.1 2>/dev/null || sleep 1
	done
}

# A client that is gone must not end a script half-way, which a write to it would.
trap '' HUP PIPE

record() { echo "$1 $2" >>"$base/outcomes"; } # ID OUTCOME: how a commit ended

# Each part of the input becomes a file of DIR; what is to be saved at PATH is save-N, with save-N.path. busybox's awk does not say
# that a file could not be written, so all are read again. The status is 0 where they hold what came, and the part "end" names as
# many lines as came, or none; 3 where the commit id has an outcome in OUTCOMES, which is asked first; 4 for 0 where outcomes
# are too many.
take_parts() { # DIR [OUTCOMES]
	awk -v mark="$mark" -v dir="$1" -v id="$id" '
		function put(line) { print line >file; lines++; size += length(line) }
		part == "outcomes" { if ($1 == id) { given_up = 1; exit } if (FNR > 300) many = 1; next }
		$1 != mark { if (file != "") put($0); if (name == "end") count = $2; next }
		{ if (file != "") close(file); name = $2; file = dir "/" name }
		name == "save" {
			text = file "-" ++saves; file = text ".path"
			put(substr($0, length(mark " save ") + 1)); close(file); files[file]
			file = text
		}
		{ printf "" >file; files[file] }
		END {
			if (given_up) exit 3
			if (file != "") close(file)
			bad = count != "" && count != lines
			for (file in files) while ((getline line <file) > 0) { lines--; size -= length(line) }
			exit bad || lines || size ? 5 : many ? 4 : 0
		}' part=outcomes "${2-/dev/null}" part=input -
}

stop_timer() { # DIR: ends the timer of a commit; never called by the timer itself
	if [ -e "$1/timer.unit" ]; then
		# It is not waited for: where the disk has become read-only it takes the change back once more, and waits for the
		# lock of whoever stops it.
		systemctl --no-block stop "$(cat "$1/timer.unit").service" 2>/dev/null
	elif [ -e "$1/timer.pid" ]; then
		read -r timer <"$1/timer.pid"
		# The number may belong to another process by now, or the timer still be a copy of the shell that started it.
		for _ in 1 2 3 4 5 6 7 8 9 10; do
			command_of "$timer"
			case $command in
			*"$1/expire.sh"*) kill -s TERM -- "-$timer" 2>/dev/null && return ;;
			'') return ;;
			esac
			sleep 0.1 2>/dev/null || sleep 1
		done
	fi
}

# What the host would restore at boot, as it was before a change. Some services save the running
# rules when they are stopped (SAVE_ON_STOP of OpenRC and of RHEL): a host that goes down while
# the change is not confirmed has it in its files, unless they are put back. The timer does that;
# where iptables_persistence is, its boot.sh does it too.
boot_note=/etc/terraform-provider-iptables/pending

note_files() { # DIR FILE4 FILE6 SETS
	for noted in "4 $2" "6 $3" "s $4"; do
		case $noted in */) continue ;; esac # of a folder of sets nothing is saved when a host goes down
		file=${noted#* }
		noted=$1/boot-${noted%% *}
		if [ -e "$file" ]; then
			# Half a file would do for no boot.
			{ cp -p "$file" "$noted" && echo "$file" >"$noted.path"; } || rm -f "$noted" "$noted.path"
		elif [ -n "$file" ]; then
			echo "$file" >"$noted.none"
		fi
	done
	: # what could not be noted is not put back
} 2>/dev/null

# On a full disk there is no note, which must not keep anybody from changing the firewall.
note_pending() { # DIR
	rm -rf "$boot_note" "$boot_note.new"
	mkdir "$boot_note.new" || return
	for noted in "$1"/boot-[46s]; do
		[ ! -e "$noted" ] || cp -p "$noted" "$boot_note.new/${noted##*-}" || return
	done
	cat /proc/sys/kernel/random/boot_id >"$boot_note.new/boot" && mv "$boot_note.new" "$boot_note"
}

drop_pending() { [ ! -e "$boot_note" ] || rm -rf "$boot_note"; }

# Under SELinux a file that was made in /etc/sysconfig has not the type that iptables.service may read.
same_context() { # OLD NEW
	[ -e /sys/fs/selinux/enforce ] || return 0
	if [ -e "$1" ] && chcon --reference="$1" "$2" 2>/dev/null; then return 0; fi
	type=$(command -v matchpathcon >/dev/null 2>&1 && matchpathcon -n "$1" 2>/dev/null)
	[ -z "$type" ] || chcon "$type" "$2" 2>/dev/null
	return 0
}

put_files_back() { # DIR
	for noted in "$1"/boot-[46s].path; do
		[ -e "$noted" ] || continue
		follow "$(cat "$noted")"
		cmp -s "${noted%.path}" "$target" || { cp -p "${noted%.path}" "$target.new" && same_context "$target" "$target.new" && mv -f "$target.new" "$target"; }
	done
	for noted in "$1"/boot-[46s].none; do
		[ -e "$noted" ] || continue
		follow "$(cat "$noted")"
		rm -f "$target"
	done
} 2>/dev/null
