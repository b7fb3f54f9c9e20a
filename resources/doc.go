// Package resources holds what Terraform manages on a host: one file a resource with its
// schema, its model and its thin CRUD.
//
//	hosts.go, endpoint.go          the hosts that the provider's configuration gives
//	service.go, policy.go, rule.go the resources; *_schema.go their documentation
//	managed.go, plan.go            what resources that are made of lines have in common
//	import.go, identity.go         from an import ID or an identity to a resource
//	diagnostics.go                 errors and warnings as a person reads them
//	modifiers.go                   spellings that mean the same make no diff
//
// It promises that a resource leaves the state only when its host was read and does not have
// it any more, that a failed change leaves in the state what is in force, and that the rules
// in a plan are the lines that the host will print.
//
// It decides nothing about firewalls: what lines a resource stands for, where they go and how
// they are put there safely is package firewall's.
package resources
