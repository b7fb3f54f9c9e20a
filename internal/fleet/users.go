package fleet

// The users of every host. Those with a key accept [Fleet.Key].
const (
	Root   = "root"   // logs in by key
	Deploy = "deploy" // logs in by key; sudo asks for nothing
	Ops    = "ops"    // logs in by key; sudo asks for OpsPassword
	Admin  = "admin"  // logs in by AdminPassword only; sudo asks for it
	Mason  = "mason"  // logs in by key; no sudo, but doas asks for nothing
	Guest  = "guest"  // logs in by key; cannot become root
)

// Passwords of Ops and Admin, for sudo and for SSH.
const (
	OpsPassword   = "ops-password"
	AdminPassword = "admin-password"
)

// keyUsers are the users who accept the fleet's key.
var keyUsers = []string{Root, Deploy, Ops, Mason, Guest}
