// Package firewall is one host's firewall: it reads it, changes it as one commit that the host
// takes back unless a new login confirms it, verifies it and keeps it for the next boot. Beside
// the engine stand the models that resources are made of; they are pure functions.
//
//	host.go                          Host: what a resource talks to
//	read.go, snapshot.go, facts.go   one script reads all; its result is shared
//	spell.go                         asks the host how it lists what only it can know
//	batch.go                         edits that arrive together become one commit
//	commit.go, settle.go             the commit: steps 1 to 5, then 6 and 7 over a new login
//	guard.go                         refuses what would drop this very login
//	sets.go, setuse.go, setowners.go how ipsets are read and changed; who uses them, whose they are
//	bootfile.go                      what is saved for the next boot, and where
//	scripts/                         what runs on the host (POSIX sh and awk)
//	service.go, policy.go, place.go  the models, and where their lines go
//	question.go, finding.go, site.go who gets through; what is known of the host beside its rules
//	socket*.go, exposure.go          what listens there, and whom the rules let reach it
//	liverules.go, software.go        the rules of a host by filter; what else is at work there
//	apart.go, normalize.go, lay.go   lines as fields, in canonical form, and as a ruleset of their own
//	ipset.go, setfamily.go           sets that resources make; rules that cannot refer to them
//	customchain.go, rulesettext.go   chains and tables that are owned whole
//	exclusive.go, ignore.go          chains without other lines; what is left alone all the same
//
// It promises:
//
//   - After every error the host is as before, or as after, or it takes the change back by
//     itself within the rollback timeout; the error says which.
//   - A change is kept only if a new connection and login got through it.
//   - Only lines that an edit adds or removes are touched, in payload and in undo.
//   - A host costs one session to read and, for each commit, one session and at most one login.
//
// It refuses to touch anything when the rollback cannot be armed.
package firewall
