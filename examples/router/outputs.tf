output "lines" {
  description = "The lines, as `iptables -S` and `ip6tables -S` print them."
  value = concat(
    iptables_chain.forward.lines,
    iptables_chain.forwards.lines,
    iptables_rule.masquerade.rules,
    iptables_rule.clamp.rules,
  )
}
