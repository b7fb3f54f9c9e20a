// Package provider is the provider's own part: its schema, and from its configuration and
// the environment to the hosts that resources are about.
//
//	provider.go               what Terraform asks of a provider
//	schema.go                 its documentation and validation
//	settings.go               the connection settings: one table for schema, environment and use
//	layers.go                 which of several values of a setting counts
//	destination.go            the grammar of the attribute `host`
//	registry.go               from a host's name to its firewall, one for each connection
//	options.go                how changes are made
//
// It promises that configuring does no I/O and accepts values that are not known yet, that
// names which lead to one connection share it, and that no secret reaches a state or a message.
package provider
