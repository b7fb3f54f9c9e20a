// Package cli runs a real Terraform CLI with the provider of this tree, as a person does: the program is built, a
// folder holds the configuration, and Terraform is told to take the provider from where it was built.
//
// terraform-plugin-testing is the better way to test a resource. It cannot read a state with for_each, which examples
// have, and it does not show what a person sees.
package cli
