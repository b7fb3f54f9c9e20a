// Package protocol is the protocol of a commit as a table: who takes part, the steps of each in their order, and what a
// step changes. [Search] goes through every state that two clients, their timers, deaths and a reboot can lead to.
//
// Model and code are held together from two sides. The scripts of package firewall name the steps in comments
// ("#= armed"), and a test here fails unless each script has the steps of its table, in its order. And internal/faults,
// which stops real commits on real hosts at each step, compares what is there with what the table says.
//
// It knows no rules, no text and no time: a timer may fire at any moment.
package protocol
