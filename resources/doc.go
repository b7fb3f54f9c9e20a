// Package resources holds what Terraform manages on a host: one file a resource with its
// model, one with its schema, and the thin CRUD that all of them share.
//
//	hosts.go, endpoint.go           the hosts that the provider's configuration gives
//	service.go, policy.go, rule.go  the resources; *_schema.go their documentation
//	chain.go, ruleset.go            those that own chains or tables whole,
//	exclusive.go                    and one that suffers nothing else in a chain
//	ip_set*.go                      ipsets, with entries in the configuration or in a file
//	firewall*.go                    a whole firewall, made of the same services and policies
//	*_fields.go                     attributes that stand inside another resource too
//	persistence*.go                 the one that is not made of lines: what a host restores at boot
//	model.go                        what a resource that is made of lines says of itself
//	lines.go, act.go                what Terraform asks of such a resource: CRUD
//	plan.go, spelling.go            its plan; spellings that mean the same make no diff
//	claims.go, known.go             what resources know of each other
//	import.go, move.go              from an import ID, an identity or another type to a resource
//	source.go, source_*.go          the data sources
//	function_*.go, arguments.go     the functions; arguments that are given by name
//	apart.go                        a line field by field, for functions and data sources
//	diagnostics.go                  errors and warnings as a person reads them
//	attributes.go, values.go        attributes that all have; values to and from Terraform's
//
// It promises that a resource leaves the state only when its host was read and does not have
// it any more, that a failed change leaves in the state what is in force, and that the rules
// in a plan are the lines that the host will print.
//
// It decides nothing about firewalls: what lines a resource stands for, where they go and how
// they are put there safely is package firewall's.
package resources
