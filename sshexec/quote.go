package sshexec

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// quote returns s as one word of a POSIX shell, whatever bytes but NUL it holds.
func quote(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// assignments are the lines that set vars. They unset them first: a variable of that name in
// the environment of the login would stay exported to every program that is run.
func assignments(vars map[string]string) string {
	if len(vars) == 0 {
		return ""
	}
	names := slices.Sorted(maps.Keys(vars))
	var b strings.Builder
	fmt.Fprintf(&b, "unset %s\n", strings.Join(names, " "))
	for _, name := range names {
		fmt.Fprintf(&b, "%s=%s\n", name, quote(vars[name]))
	}
	return b.String()
}

// isName says whether a shell takes s as the name of a variable.
func isName(s string) bool {
	for i, r := range s {
		letter := r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}
