// Package acceptance tests the provider as a person uses it: real Terraform against real
// hosts with real sshd and iptables. Its tests need root (see internal/fleet) and a
// Terraform program, which is built if TF_ACC_TERRAFORM_PATH names none; without them they fail.
//
// Every apply is followed by an empty plan, every update asserts its planned action, every
// import is followed by an empty plan, and the host is looked at behind the provider's back.
package acceptance
