package sshexec

import (
	_ "embed"
	"strings"
)

//go:embed become.sh
var become string

// A way is how a login becomes root, as become.sh calls it; it is asked for once in the life
// of a connection, by the first script and within it.
type way string

const (
	wayUnknown  way = ""
	wayRoot     way = "root"     // it is root
	waySudo     way = "sudo"     // without a password
	wayDoas     way = "doas"     // without a password
	wayPassword way = "password" // sudo with its password
	wayNotRoot  way = "notroot"  // it was expected to be root and is not
)

// An elevation is how the scripts of a host become root.
type elevation struct {
	privilege Privilege
	password  Secret
	user      string
}

// frame frames script for a login that becomes root by known.
func (e elevation) frame(script Script, known way) frame {
	m := newMark()
	switch {
	case e.privilege == None:
		return newFrame(script, m, asWeAre)
	case known == wayRoot:
		return newFrame(script, m, asWeAre)
	case known == wayUnknown && e.user == DefaultUser:
		// The usual case costs one shell and no question.
		return newFrame(script, m, onlyRoot)
	}
	if known == wayNotRoot {
		known = wayUnknown
	}
	inner := newFrame(script, m, underTool)
	outer := Script{
		Body:  become,
		Vars:  map[string]string{"known": string(known), "tools": e.tools(), "password": e.password.Reveal()},
		Input: append([]byte(inner.library), inner.text...),
	}
	return group(outer, m, "", call{function: "main", after: "exit\n"})
}

// itself says whether the shell that is started runs scripts itself, as far as is known, or another one as root.
func (e elevation) itself(known way) bool {
	return e.privilege == None || known == wayRoot || known == wayUnknown && e.user == DefaultUser
}

// tools are the words of become.sh's variable of that name.
func (e elevation) tools() string {
	switch e.privilege {
	case Sudo, Doas:
		return string(e.privilege)
	default:
		return "sudo doas"
	}
}

// refused returns the error of a login that printed words and said, and did not become root;
// nil where they tell nothing of the kind.
func (e elevation) refused(host string, words []string, said string) error {
	if len(words) == 0 {
		return nil
	}
	err := &PrivilegeError{Host: host, User: e.user, Tool: "sudo", Said: said}
	switch last, found, _ := strings.Cut(words[len(words)-1], " "); last {
	case "denied":
		err.Tool = printable([]byte(strings.ReplaceAll(found, " ", ", ")))
		err.understand(PrivilegeRefused)
		if found == "" {
			err.Tool, err.Reason = strings.ReplaceAll(e.tools(), " ", ", "), PrivilegeNoTool
		}
	case "wrong":
		err.understand(PrivilegeWrong)
	case "shell":
		err.Said = "printf is no builtin of /bin/sh there, and the list of processes would show the password"
	case string(waySudo): // it did allow it, a moment before or with an earlier script
		err.understand(PrivilegeRefused)
	case string(wayPassword): // and took the password
		err.understand(PrivilegeRefused)
		if err.Reason == PrivilegePassword {
			err.Reason = PrivilegeForgets
		}
	case string(wayDoas):
		err.Tool = "doas"
		err.understand(PrivilegeRefused)
	default:
		return nil
	}
	return err
}

// understand sets the reason by the words of sudo and doas, since they have one exit status
// for all; the words are those of LC_ALL=C. Where both refused, what sudo says goes before:
// doas says the same of everybody whom it does not know. What is not known is other.
func (e *PrivilegeError) understand(other PrivilegeReason) {
	e.Reason = other
	for _, known := range []struct {
		words  string
		tool   string
		reason PrivilegeReason
	}{
		{"must have a tty", "sudo", PrivilegeTerminal},
		{"a terminal is required", "sudo", PrivilegeTerminal},
		{"not in the sudoers", "sudo", PrivilegeNotListed},
		{"may not run sudo", "sudo", PrivilegeNotListed},
		{"is not allowed to", "sudo", PrivilegeNotListed},
		{"sudo: a password is required", "sudo", PrivilegePassword},
		{"doas: Operation not permitted", "doas", PrivilegeNotListed},
		{"doas: Authentication required", "doas", PrivilegePassword},
		{"doas: Authorization required", "doas", PrivilegePassword},
	} {
		if strings.Contains(e.Said, known.words) {
			e.Tool, e.Reason = known.tool, known.reason
			return
		}
	}
}
