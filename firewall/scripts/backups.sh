# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # parts of one script; the variables are set by its caller
# Lists the backups of what the host restores at boot, with what they hold; changes nothing.
# Variables: mark, file4, file6 (what is restored, empty where nothing is).
# Sections "MARK backup-F NAME" and "MARK current-F NAME"; the last is "MARK end".
section() { printf '%s %s\n' "$mark" "$*"; }
settings
for family in 4 6; do
	eval "file=\$file$family"
	[ -n "$file" ] || continue
	file=$(readlink -f "$file" 2>/dev/null || echo "$file")
	folder=${boot_backup_dir:-${file%/*}}
	safe_folder "$folder" && backups_of "$folder" "${file##*/}.bak-" | sort | while IFS= read -r name; do
		section "backup-$family ${name#*.bak-}"
		cat "$folder/$name"
		echo
	done
	[ -r "$file" ] || continue
	section "current-$family now"
	cat "$file"
	echo
done
section end
