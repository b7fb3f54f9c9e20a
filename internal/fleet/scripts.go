package fleet

import (
	"fmt"
	"os"
)

// WriteEnterScript writes a program that runs others inside the fleet's network, where the hosts can be reached,
// and returns its path; beside it is one called console, which runs programs on a host as root, behind SSH's back:
// `console HOST COMMAND...`. Both work as long as the fleet runs, from any process of this machine.
func (f *Fleet) WriteEnterScript() (string, error) {
	// nsenter cannot stay in a folder: what it was opened as belongs to the mounts outside.
	enter := fmt.Sprintf(`#!/bin/sh
here=$(pwd)
[ $# -gt 0 ] || set -- "${SHELL:-/bin/sh}"
exec nsenter --target %d --net --mount -- sh -c 'cd "$0" && exec "$@"' "$here" "$@"
`, os.Getpid())
	console := fmt.Sprintf(`#!/bin/sh
set -eu
read -r pid _ <"%s/$1.pid" || [ -n "$pid" ] # the record has no line end
shift
[ $# -gt 0 ] || set -- /bin/sh
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM="${TERM-dumb}" nsenter --target "$pid" \
	--mount --uts --ipc --net --pid --cgroup --root --wd -- "$@"
`, f.folder)
	for name, text := range map[string]string{"enter": enter, "console": console} {
		if err := os.WriteFile(f.path(name), []byte(text), 0o755); err != nil {
			return "", err
		}
	}
	return f.path("enter"), nil
}
