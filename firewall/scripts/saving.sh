# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # parts of one script; the variables are set by its caller
# Saving files that the host restores at boot. Each is replaced whole: written beside the old one,
# synced, renamed. The old one stays, under its name and the date, as many times as settings says.

flush() { # FILE...: to the disk; sync knows files since coreutils 8.24
	sync "$@" 2>/dev/null || sync
}

write_new() { # PATH TEXT: what is to replace it, beside it: with its mode, owner and context
	follow "$1"
	for stale in "$target".new-[0-9]*; do # of one who died: only who holds the lock saves
		if [ -e "$stale" ] || [ -L "$stale" ]; then rm -f "$stale"; fi
	done
	new=$target.new-$$
	# shellcheck disable=SC2015 # whatever fails, the new file goes
	[ -d "${target%/*}" ] || mkdir -p "${target%/*}" || return
	if [ -e "$target" ]; then cp -p "$target" "$new"; else (umask 077 && : >"$new"); fi &&
		cat "$2" >"$new" && same_context "$target" "$new" && return
	rm -f "$new"
	return 1
}

flush_new() { # PATH...: what write_new wrote
	for each in "$@"; do
		follow "$each"
		set -- "$@" "$target.new-$$"
		shift
	done
	flush "$@"
}

put_new() { # PATH: in its place
	follow "$1"
	back_up "$target" && mv -f "$target.new-$$" "$target"
}

drop_new() { # PATH
	follow "$1"
	rm -f "$target.new-$$"
}

flush_folders() { # PATH...: those in which they are
	for each in "$@"; do
		follow "$each"
		set -- "$@" "${target%/*}"
		shift
	done
	flush "$@"
}

replace_file() { # PATH TEXT
	write_new "$1" "$2" || return
	if flush_new "$1" && put_new "$1"; then
		flush_folders "$1"
		return 0
	fi
	drop_new "$1"
	return 1
}

# One date for all files of a save: they belong together.
saved_at=
date_saves() { [ -n "$saved_at" ] || saved_at=$(date -u +%Y-%m-%dT%H%M%SZ); }

# In a folder where others can write, or whose place others can take, a link of theirs would be
# written through. What is sticky is safe for what is root's in it.
safe_folder() { # FOLDER
	[ "$1" != "$safe" ] || return 0
	asked=$1
	at=$(cd -P "$1" 2>/dev/null && pwd -P)
	at=${at:-$1}
	set -- "$at"
	while [ -n "$at" ]; do
		at=${at%/*}
		[ -O "$at/" ] || return
		[ -k "$at/" ] || set -- "$@" "$at/"
	done
	private "$@" && safe=$asked
}
safe= # the last that was

back_up() { # PATH
	folder=${boot_backup_dir:-${1%/*}}
	name=${1##*/}.bak-
	if [ -e "$1" ] && [ "$boot_backups" -gt 0 ]; then
		[ -d "$folder" ] || (umask 077 && mkdir -p "$folder") || return
		safe_folder "$folder" || {
			echo "others than root can write in $folder" >&2
			return 1
		}
		date_saves
		# Another one of this second comes behind the last, even where the first has gone already.
		copy=$folder/$name$saved_at
		last=
		for file in "$copy"*; do
			case $file in *.new) ;; *) [ ! -e "$file" ] || last=$file ;; esac
		done
		if [ -n "$last" ]; then
			again=${last#"$copy"}
			again=${again#.}
			again=$((${again#0} + 1))
			[ "$again" -gt 9 ] || again=0$again
			copy=$copy.$again
		fi
		# A link needs no room; on another filesystem it has to be a copy.
		if ! ln "$1" "$copy" 2>/dev/null; then
			if ! { cp -p "$1" "$copy.new" && flush "$copy.new" && mv -f "$copy.new" "$copy"; }; then
				rm -f "$copy.new"
				return 1
			fi
		fi
	fi
	# Their names are their dates, and a shell sorts them. What is dated later than this one, by a clock that
	# was wrong, goes first: it would outlive all that are saved from now on.
	old=$((-boot_backups))
	for file in "$folder/$name"[0-9]*Z*; do
		case $file in *.new) ;; *) old=$((old + 1)) ;; esac
	done
	for which in later all; do
		case $which in all) goes=yes ;; *) goes= ;; esac
		for file in "$folder/$name"[0-9]*Z*; do
			case $file in *.new) continue ;; esac
			[ "$old" -gt 0 ] || break
			[ -z "$goes" ] || { rm -f "$file" && old=$((old - 1)); }
			[ "$file" != "${copy-}" ] || goes=yes
		done
	done
}

# Sets go into one file, as ipset-save prints them, or into a folder (Alpine's /etc/ipset.d/): a file
# for each, named after it, with its type and options, then its entries. Every file in there is taken
# for a set, so a new one begins with a dot until it is whole, and there are no backups. As Alpine's own
# `save` does, it removes files of sets that are no more.
save_sets() { # PATH TEXT
	case $1 in
	*/) ;;
	*)
		cmp -s "$2" "$1" || replace_file "$1" "$2"
		return
		;;
	esac
	[ -d "$1" ] || mkdir -p "$1" || return
	rm -f "$1".*.new
	awk -v folder="$1" '
		$1 == "create" { close(file); file = folder "." $2 ".new" }
		{ sub(/^[^ ]+ [^ ]+ /, ""); print >file }' "$2" || return
	for new in "$1".*.new; do
		[ -e "$new" ] || continue
		name=${new#"$1".}
		name=${name%.new}
		if cmp -s "$new" "$1$name"; then rm -f "$new"; else flush "$new" && mv -f "$new" "$1$name" || return; fi
	done
	for old in "$1"*; do
		[ ! -f "$old" ] || grep -qF "create ${old##*/} " "$2" || ipset list -n "${old##*/}" >/dev/null 2>&1 || rm -f "$old"
	done
	flush "$1"
}

backups_of() { # FOLDER PREFIX: the names of the backups in it
	for file in "$1/$2"[0-9]*Z*; do
		case $file in *.new) continue ;; esac
		[ ! -e "$file" ] || echo "${file##*/}"
	done
}

# Saves the files save-N of DIR at what save-N.path says, step by step for all of them. Rules that name sets come after these.
save_parts() { # DIR
	parts=$1
	set --
	for path_file in "$parts"/save-*.path; do
		[ -e "$path_file" ] || continue
		IFS= read -r path <"$path_file"
		text=${path_file%.path}
		case $path in
		"$home"/*) [ -e "$home/boot.conf" ] || {
			section "unsaved $path"
			echo 'iptables_persistence was removed meanwhile, and nothing restores this file' >>"$parts/errors"
			continue
		} ;;
		esac
		cmp -s "$text" "$path" && continue
		case $path in
		*/) if save_sets "$path" "$text"; then section "saved $path"; else section "unsaved $path"; fi ;;
		*) if write_new "$path" "$text"; then set -- "$@" "$path"; else section "unsaved $path"; fi ;;
		esac 2>>"$parts/errors"
	done
	if [ $# -gt 0 ]; then
		flush_new "$@" 2>>"$parts/errors" && synced=yes || synced=
		for path in "$@"; do
			if [ -n "$synced" ] && put_new "$path" 2>>"$parts/errors"; then
				section "saved $path"
			else
				section "unsaved $path"
				drop_new "$path"
			fi
		done
		flush_folders "$@"
	fi
	[ ! -s "$parts/errors" ] || { section errors; cat "$parts/errors"; echo; }
}

# The end of a commit whose `armed` the caller has renamed to `confirmed`: what was made is kept.
keep_commit() {
	section kept # who waits for no more than this goes on
	drop_pending # it must not outlive this script: a boot would put the old files back
	stop_timer "$dir" #= stopped
	if ! settings || [ "$boot_mechanism" != none ]; then # another run may have said so meanwhile
		save_parts "$dir" #= saved
	fi
	record "$id" confirmed #= recorded
	rm -rf "$dir"          #= dropped
}
